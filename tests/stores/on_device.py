"""Looking at simulated device memory, which is on no GPU."""

import asyncio
import gc
from typing import Any

from zstore.buffer import gpu
from zstore.gpu.engine import Engine

__all__ = ["content", "used_nbytes"]


def content(value: Any) -> bytes:
    """Return the bytes of a read-only device buffer."""
    assert type(value) is gpu.Buffer
    assert value.readonly
    found: bytes = value.as_array_like().get().tobytes()
    return found


async def used_nbytes(engine: Engine) -> int:
    """Return what is in use on the device; waits for threads that are about to end."""
    used = 1
    for _ in range(100):
        gc.collect()  # errors hold what their traceback names
        used = engine.driver.figures(engine.pool).used_nbytes
        if not used:
            break
        await asyncio.sleep(0.02)
    return used
