"""Looking at simulated device memory, which is on no GPU."""

import gc
from typing import Any

from tests.waiting import until
from zstore.buffer import gpu
from zstore.gpu.engine import Engine

__all__ = ["content", "until_unused"]


def content(value: Any) -> bytes:
    """Return the bytes of a read-only device buffer."""
    assert type(value) is gpu.Buffer
    assert value.readonly
    found: bytes = value.as_array_like().get().tobytes()
    return found


async def until_unused(engine: Engine) -> None:
    """Wait until nothing is in use on the device; threads may be about to end."""

    def is_unused() -> bool:
        gc.collect()  # errors hold what their traceback names
        return not engine.driver.figures(engine.pool).used_nbytes

    await until(is_unused)
