"""What is inspected: one buffer, or the values of a store that holds them in memory."""

from typing import Any, NamedTuple

import numpy as np

from zstore import GpuMemoryStore, MemoryStore, Store
from zstore.buffer import Buffer, BufferPrototype, gpu
from zstore.display import format_count
from zstore.display.quiet import quiet
from zstore.inspection import LENSES
from zstore.inspection.lenses import lens_of
from zstore.inspection.residents import held_by
from zstore_widgets.channel import BadRequestError

__all__ = ["HeldStore", "Picked", "device_number", "first_lens", "held_store"]

_MAX_PICKED = 8
_MAX_SIZES = 50_000


class Picked:
    """The buffers that a page looks at, by a number.

    Pages share a view, so each names the buffer it means. The last few are kept alive,
    whatever the store does with their keys meanwhile; no buffer is copied.

    Parameters
    ----------
    dtype
        As which type they are looked at first.
    """

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self._buffers: dict[int, Buffer] = {}
        self._count = 0

    def add(self, buffer: Buffer) -> int:
        """Keep a buffer; return its number, from 0 on."""
        number = self._count
        self._count += 1
        self._buffers[number] = buffer
        if len(self._buffers) > _MAX_PICKED:
            del self._buffers[next(iter(self._buffers))]
        return number

    def __getitem__(self, number: int) -> Buffer:
        try:
            return self._buffers[number]
        except KeyError:
            msg = "this value was chosen long ago and let go of since; choose it again"
            raise BadRequestError(msg) from None


class HeldStore(NamedTuple):
    """A store that holds its values in memory.

    Attributes
    ----------
    store
        As it was given, without the wrappers that watch or slow it.
    inner
        The one below all wrappers, whose memory it is.
    prefix
        What the keys of `store` lie below in `inner`.
    """

    store: Store
    inner: MemoryStore
    prefix: str

    @property
    def prototype(self) -> BufferPrototype | None:
        """The prototype by which `get` copies nothing."""
        return gpu.buffer_prototype if isinstance(self.inner, GpuMemoryStore) else None

    @property
    def title(self) -> str:
        """The kind of the store, and how many values there are in all."""
        nvalues = len(self.inner.store_dict)
        plural = "s" * (nvalues != 1)
        return f"{type(self.inner).__name__} of {format_count(nvalues)} value{plural}"

    def sizes(self) -> list[tuple[str, int]] | None:
        """Return the keys and the bytes of their values; no copy, no device.

        None of more than 50,000 values: it would take as long as a cell should not.
        """
        if len(self.inner.store_dict) > _MAX_SIZES:
            return None
        # Of a copy, which is made at once: others may write meanwhile.
        held = list(self.inner.store_dict.items())
        start = len(self.prefix)
        return [
            (key[start:], len(value))
            for key, value in held
            if isinstance(key, str) and key.startswith(self.prefix)
        ]


def held_store(value: object) -> HeldStore | None:
    """Return what is held in memory, None if `value` is no store.

    Raises
    ------
    UnsupportedError
        If it is a store that does not hold its values in memory.
    """
    if not isinstance(value, Store):
        return None
    held = held_by(value, "BufferInspector")
    return HeldStore(quiet(value), held.store, held.prefix)


def device_number(subject: Buffer | HeldStore) -> int | None:
    """Return the device in use; None for host memory, and for a store without values."""
    if isinstance(subject, HeldStore):
        inner = subject.inner
        if isinstance(inner, GpuMemoryStore) and inner.store_dict:
            return inner.device
        return None
    return subject.device_id if isinstance(subject, gpu.Buffer) else None


def first_lens(value: object, dtype: str | None) -> str:
    """Return the type that a value is looked at first: as asked for, or its own.

    Raises
    ------
    InvalidTypeError
        If `dtype` is not known.
    """
    if dtype is None:
        return _own_lens(value)
    lens_of(dtype)
    return dtype


def _own_lens(value: object) -> str:
    dtype = getattr(value, "dtype", None)
    if not isinstance(dtype, np.dtype):
        # Of other libraries: "torch.float32".
        name = str(dtype).rpartition(".")[2]
        return name if name in LENSES else "uint8"
    own: np.dtype[Any] = dtype
    name = own.newbyteorder("=").name
    if name not in LENSES:
        return "uint8"
    return f">{name}" if own.byteorder == ">" else name
