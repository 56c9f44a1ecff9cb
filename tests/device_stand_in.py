"""A stand-in for CuPy in host memory, for the logic of device buffers. It is no GPU."""

from typing import Any

import numpy as np

from zstore._compat import override

__all__ = ["DeviceArray", "StandIn"]


class DeviceArray(np.ndarray[Any, np.dtype[Any]]):
    """A NumPy array that says of itself what a device array would."""

    class Memory:
        """Where the array would lie."""

        ptr = 0x1000

    class Device:
        """Which device it would be."""

        id = 0

    device = Device()  # type: ignore[assignment]  # CuPy has an object here

    @property
    def __cuda_array_interface__(self) -> dict[str, object]:
        return {"shape": self.shape, "typestr": self.dtype.str, "version": 3}

    @property
    @override
    def data(self) -> Memory:  # type: ignore[override]  # CuPy has an object here
        return self.Memory()


def _device(array: Any) -> DeviceArray:
    return np.array(array).view(DeviceArray)


class StandIn:
    """The functions of CuPy that zstore calls; counts what would cross the bus."""

    ndarray = DeviceArray
    __version__ = "0 (a stand-in in host memory)"

    def __init__(self) -> None:
        self.uploads = 0
        self.downloads = 0

    def array(self, host: Any) -> DeviceArray:
        self.uploads += 1
        return _device(host)

    def asarray(self, array: Any) -> DeviceArray:
        return array if isinstance(array, DeviceArray) else self.array(array)

    def asnumpy(self, array: DeviceArray) -> np.ndarray[Any, np.dtype[Any]]:
        self.downloads += 1
        return np.array(array.view(np.ndarray))

    def concatenate(self, arrays: list[DeviceArray]) -> DeviceArray:
        return _device(np.concatenate([array.view(np.ndarray) for array in arrays]))

    def array_equal(self, left: DeviceArray, right: DeviceArray) -> bool:
        return bool(np.array_equal(left.view(np.ndarray), right.view(np.ndarray)))

    def full(self, shape: tuple[int, ...], value: Any, dtype: Any) -> DeviceArray:
        return _device(np.full(shape, value, dtype))
