"""One buffer: where it is, what its bytes mean, and the bytes themselves."""

from contextlib import aclosing
from dataclasses import asdict

import numpy as np

from zstore.concurrency import run_in_thread
from zstore.inspection import Statistics, buffer_info, peek, statistics, values
from zstore_widgets.buffers.subject import Picked
from zstore_widgets.channel import Job, request

__all__ = ["BufferRequests"]

MAX_VALUES = 4096
MAX_RAW_NBYTES = 4096
_SHORT = ("float16", "float32")


class BufferRequests:
    """Answers what a buffer holds; the page names it by its number.

    Parameters
    ----------
    picked
        The buffers that there are.
    """

    def __init__(self, picked: Picked) -> None:
        self._picked = picked

    @request
    async def buffer_facts(self, job: Job, value: int = 0) -> dict[str, object]:  # noqa: ARG002 -- one answer
        """Say where the buffer is."""
        info = await buffer_info(self._picked[value])
        return {
            **asdict(info),
            # As text: JavaScript has no integer as large as a pointer.
            "pointer": f"{info.pointer:#x}",
            "is_view": info.is_view,
            "fitting": list(info.fitting),
            "dtype": self._picked.dtype,
        }

    @request
    async def buffer_statistics(self, job: Job, dtype: str, value: int = 0) -> object:
        """Count the values, a part after each step."""
        last = None
        async with aclosing(statistics(self._picked[value], dtype)) as steps:
            async for last in steps:
                await job.part(_told(last))
        return None if last is None else _told(last)

    @request
    async def buffer_values(
        self,
        job: Job,  # noqa: ARG002 -- one answer
        dtype: str,
        start: int,
        count: int,
        value: int = 0,
    ) -> list[str]:
        """Return some values as text, as precise as they are."""
        count = min(max(0, count), MAX_VALUES)
        some = await run_in_thread(values, self._picked[value], dtype, max(0, start), count)
        return [str(each) for each in some]

    @request
    async def buffer_bytes(self, job: Job, start: int, stop: int, value: int = 0) -> int:
        """Send some bytes, at most 4 KiB of them."""
        buffer = self._picked[value]
        start = min(max(0, start), len(buffer))
        stop = min(stop, start + MAX_RAW_NBYTES, len(buffer))
        part = await peek(buffer, start, max(0, stop - start))
        await job.part({"start": start}, [part])
        return len(part)


def _told(counted: Statistics) -> dict[str, object]:
    # As text: JavaScript would round large integers. In the type's own precision, in
    # which a float32 has no digits that mean nothing.
    own = np.dtype(counted.dtype).type if counted.dtype.lstrip(">") in _SHORT else str
    least, most = counted.minimum, counted.maximum
    return {
        **asdict(counted),
        "minimum": None if least is None else str(own(least)),
        "maximum": None if most is None else str(own(most)),
        "mean": None if counted.mean is None else f"{counted.mean:.9g}",
        "complete": counted.complete,
    }
