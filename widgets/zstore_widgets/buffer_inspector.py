"""The buffer inspector: what lies where in memory, on the host and on a GPU."""

from html import escape
from typing import Any

import numpy as np
import traitlets

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.buffer.convert import as_buffer
from zstore.display import format_nbytes
from zstore_widgets.buffers.device import DeviceRequests
from zstore_widgets.buffers.memory import MemoryRequests
from zstore_widgets.buffers.still import (
    buffer_html,
    buffer_text,
    device_of,
    store_html,
    store_text,
)
from zstore_widgets.buffers.subject import HeldStore, Picked, first_lens, held_store
from zstore_widgets.buffers.values import BufferRequests
from zstore_widgets.view import View, front_end

__all__ = ["BufferInspector"]


class BufferInspector(View):
    """Shows memory: of one buffer, or of a store that holds its values there.

    Of a buffer: its place, its bytes, and their values as numbers. Of a store: a map of
    its memory, to scale, with the bytes that no value uses any more, and each value as a
    buffer. On a GPU also the figures of the card and of the memory pool; without one, why
    there is none and what to install. Nothing is copied to the host but what is on the
    screen, at most 4 KiB at a time; statistics are counted where the values are.

    Parameters
    ----------
    value
        A `zstore.Buffer`; anything that `Store.set` takes: bytes, memory, an array; a
        `MemoryStore` or `GpuMemoryStore`, or a wrapper around one.
    dtype
        As which type the bytes are looked at first; that of an array by default, else
        ``"uint8"``. One of `zstore.inspection.LENSES`, with ``">"`` for big-endian.
    height
        Height in pixels.

    Attributes
    ----------
    shows
        ``"buffer"`` or ``"store"``.

    Raises
    ------
    InvalidTypeError
        If it is no buffer and no store, or `dtype` is not known.
    UnsupportedError
        If it is a store that does not hold its values in memory.

    Notes
    -----
    Keeps the buffer or the store alive, and the last eight values that were looked at.
    Making one calls no device and imports no CuPy; showing one does, in a thread. While
    it is on the screen and a device is in use, the figures are asked for once a second.
    """

    _esm, _css = front_end("buffer_inspector")
    shows = traitlets.Unicode(read_only=True).tag(sync=True)

    def __init__(self, value: Any, *, dtype: str | None = None, height: int = 420) -> None:
        store = held_store(value)
        picked = Picked(
            "uint8" if store is not None and dtype is None else first_lens(value, dtype)
        )
        self._subject: Buffer | HeldStore
        if store is None:
            self._subject = as_buffer(_as_memory(value), caller="BufferInspector")
            picked.add(self._subject)
            nbytes = format_nbytes(len(self._subject))
            title = f"{nbytes} on {device_of(self._subject)}"
        else:
            self._subject = store
            title = store.title
        self.set_trait("shows", "buffer" if store is None else "store")
        requests = (
            DeviceRequests(self._subject),
            MemoryRequests(store, picked),
            BufferRequests(picked),
        )
        super().__init__(title, requests, height=height)

    @override
    def text(self) -> str:
        subject = self._subject
        told = buffer_text(subject) if isinstance(subject, Buffer) else store_text(subject)
        return f"{type(self).__name__}({told})"

    @override
    def html(self) -> str:
        subject = self._subject
        more = buffer_html(subject) if isinstance(subject, Buffer) else store_html(subject)
        return f"<div>{escape(self.text())}</div>{more}"


def _as_memory(value: Any) -> Any:
    # Times have no form that other libraries of Python could look at.
    times = isinstance(value, np.ndarray) and value.dtype.kind in "mM"
    return value.view("u8") if times else value
