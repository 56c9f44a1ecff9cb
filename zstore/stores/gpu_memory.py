"""Values in the memory of a CUDA device."""

from collections.abc import Mapping, MutableMapping
from typing import Self

from zstore._compat import override
from zstore.buffer import Buffer, gpu
from zstore.buffer.convert import as_buffer
from zstore.errors import InvalidTypeError
from zstore.keys import check_key
from zstore.stores.memory import MemoryStore

__all__ = ["GpuMemoryStore"]


class GpuMemoryStore(MemoryStore):
    """Values in the memory of a CUDA device, wherever they came from.

    Parameters
    ----------
    store_dict
        The mapping that holds the values, kept as it is; all must be `gpu.Buffer`.
        `from_dict` takes buffers of any kind.
    read_only
        Whether calls that would change the store raise `ReadOnlyError`.

    Raises
    ------
    InvalidTypeError
        If a value of `store_dict` is no `gpu.Buffer`; the sentence names its key.

    Notes
    -----
    Every write copies to the device: also from another device buffer, since the store
    owns its values. `get` copies to the host unless it is given the GPU prototype
    (`zstore.buffer.gpu.buffer_prototype`), and then copies nothing. Listing and sizes
    need no device.

    A store can be made without CuPy or a device; the first value that has to move raises
    `GpuUnavailableError`, which says what is missing. Pickling copies through the host.

    Source: seed ``zarr.storage.GpuMemoryStore``.
    """

    def __init__(
        self,
        store_dict: MutableMapping[str, gpu.Buffer] | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        for key, value in (store_dict or {}).items():
            if not isinstance(value, gpu.Buffer):
                msg = (
                    f"the value of {key!r} is no gpu.Buffer but {type(value).__name__}; "
                    "GpuMemoryStore.from_dict moves values to the device"
                )
                raise InvalidTypeError(msg)
        # A mapping is invariant in its values: as given it holds nothing but ours.
        values: MutableMapping[str, Buffer] | None = store_dict  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        super().__init__(values, read_only=read_only)

    @classmethod
    def from_dict(
        cls, store_dict: Mapping[str, Buffer], *, read_only: bool = False
    ) -> Self:
        """Make a store of values that lie anywhere.

        Parameters
        ----------
        store_dict
            Keys and buffers, or anything that `set` takes. It is not kept.
        read_only
            Whether the store may be changed afterwards.

        Raises
        ------
        GpuUnavailableError
            If there are values and no device.
        InvalidKeyError, InvalidTypeError
            If a key is none, or a value no buffer.

        Notes
        -----
        One copy to the device for each value.
        """
        values = {check_key(key): _on_device(value) for key, value in store_dict.items()}
        return cls(values, read_only=read_only)

    @override
    def __str__(self) -> str:
        return f"gpumemory://{id(self.store_dict)}"

    @override
    def _own(self, value: Buffer) -> Buffer:
        return _on_device(value)


def _on_device(value: object) -> gpu.Buffer:
    """Return a private copy on the device."""
    buffer = as_buffer(value, caller="GpuMemoryStore.set")
    if isinstance(buffer, gpu.Buffer):
        return buffer.copy().toreadonly()
    return gpu.Buffer.from_buffer(buffer).toreadonly()
