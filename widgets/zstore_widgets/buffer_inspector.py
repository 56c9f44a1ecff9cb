"""The buffer inspector: where a buffer is, and what its bytes mean."""

import asyncio
from contextlib import aclosing
from dataclasses import asdict
from html import escape
from typing import Any

import numpy as np

from zstore._compat import override
from zstore.buffer.convert import as_buffer
from zstore.display import format_count, format_nbytes
from zstore.inspection import BufferFacts, Statistics, buffer_facts, statistics, values
from zstore_widgets.channel import Job, request
from zstore_widgets.view import View, front_end

__all__ = ["BufferInspector"]

MAX_VALUES = 4096
MAX_RAW_NBYTES = 4096
_SHORT = ("float16", "float32")
# Some hosts show pre in the font of the text.
_HEX = "margin:.3em 0 0;font-family:monospace;white-space:pre;overflow:auto"


class BufferInspector(View):
    """Shows one buffer: its place in memory, its bytes, and their values as numbers.

    Parameters
    ----------
    buffer
        A `zstore.Buffer`, or anything that `Store.set` takes: bytes, memory, an array.
    dtype
        As which type the bytes are looked at first; that of an array by default, else
        ``"uint8"``. One of `zstore.inspection.LENSES`, with ``">"`` for big-endian.
    height
        Height in pixels.

    Raises
    ------
    InvalidTypeError
        If it is no buffer, or `dtype` is not known.

    Notes
    -----
    Keeps the buffer alive, and copies none of it but what is on the screen: at most 4 KiB
    at a time. Statistics are counted when the view is shown, in steps that can be stopped.
    """

    _esm, _css = front_end("buffer_inspector")

    def __init__(self, buffer: Any, *, dtype: str | None = None, height: int = 420) -> None:
        self._buffer = as_buffer(_as_memory(buffer), caller="BufferInspector")
        self._dtype = dtype or _dtype_of(buffer)
        self._facts = buffer_facts(self._buffer)
        values(self._buffer, self._dtype, count=0)
        super().__init__(
            f"{format_nbytes(len(self._buffer))} on {self.device}", height=height
        )

    @property
    def device(self) -> str:
        """Where the buffer is: ``"cpu"`` or ``"cuda:0"`` and so on."""
        return self._facts.device

    @property
    def facts(self) -> BufferFacts:
        """Where it is, and whose memory it is."""
        return self._facts

    @request
    async def buffer_facts(self, job: Job) -> dict[str, object]:  # noqa: ARG002 -- one answer
        """Say where the buffer is."""
        facts = self._facts
        # As text: JavaScript has no integer as large as a pointer.
        told = {**asdict(facts), "pointer": f"{facts.pointer:#x}", "is_view": facts.is_view}
        return {**told, "dtype": self._dtype}

    @request
    async def buffer_statistics(self, job: Job, dtype: str) -> object:
        """Count the values, a part after each step."""
        last = None
        async with aclosing(statistics(self._buffer, dtype)) as steps:
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
    ) -> list[str]:
        """Return some values as text, as precise as they are."""
        some = await asyncio.to_thread(
            values, self._buffer, dtype, max(0, start), _between(0, count, MAX_VALUES)
        )
        return [str(value) for value in some]

    @request
    async def buffer_bytes(self, job: Job, start: int, stop: int) -> int:
        """Send some bytes."""
        start = max(0, start)
        part = self._buffer[start : min(stop, start + MAX_RAW_NBYTES, len(self._buffer))]
        await job.part({"start": start}, [await asyncio.to_thread(part.to_bytes)])
        return len(part)

    @override
    def text(self) -> str:
        facts = self._facts
        whose = f"a view into {facts.owner}" if facts.is_view else f"all of {facts.owner}"
        how = "read-only" if facts.readonly else "writable"
        nbytes = f"{format_count(facts.nbytes)} bytes"
        return f"BufferInspector({nbytes} on {facts.device}, {how}, {whose})"

    @override
    def html(self) -> str:
        head = self._buffer[: min(64, len(self._buffer))].to_bytes()
        rows = [head[at : at + 16].hex(" ") for at in range(0, len(head), 16)]
        if len(head) < len(self._buffer):
            rows.append("…")
        lines = "\n".join(rows)
        return f'<div>{escape(self.text())}</div><pre style="{_HEX}">{lines}</pre>'


def _as_memory(value: Any) -> Any:
    # Times have no form that other libraries of Python could look at.
    times = isinstance(value, np.ndarray) and value.dtype.kind in "mM"
    return value.view("u8") if times else value


def _dtype_of(value: Any) -> str:
    """Return the type of an array, where the inspector has it."""
    dtype = getattr(value, "dtype", None)
    if not isinstance(dtype, np.dtype) or dtype.kind not in "uifcb":
        return "uint8"
    name = dtype.newbyteorder("=").name
    return f">{name}" if dtype.byteorder == ">" else name


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


def _between(low: int, value: int, high: int) -> int:
    return min(max(low, value), high)
