"""Arrays in host memory that behave as arrays of a device would. They are on no GPU.

As with CuPy, NumPy cannot read them, reductions give arrays of no dimensions, arrays of the
host are refused, and a load from a misaligned address is an error of the device.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tests.gpu.simulated_runtime import NAME, SimulatedRuntime
from zstore._compat import override

__all__ = [
    "POISON",
    "DeviceArray",
    "Memory",
    "SimulatedArrays",
    "SimulatedDeviceError",
    "SimulatedMemoryError",
]

POISON = 0xA5
"""What memory holds that nobody has written yet."""

_ALIGNMENT = 512
# What an array of the host gives away, and one of a device does not.
_OF_THE_HOST = {"base", "ctypes", "dump", "dumps", "item", "tobytes", "tofile", "tolist"}


class SimulatedDeviceError(RuntimeError):
    """The simulated device failed."""


class SimulatedMemoryError(MemoryError):
    """A simulated pool is full."""


class Owner(Protocol):
    """The device that an array is on."""

    number: int

    def before_use(self) -> None:
        """Do what is in order before the calling thread's own work."""

    def downloaded(self, nbytes: int) -> None:
        """Count bytes that went to the host."""

    def pool(self) -> Any:
        """Return a new pool."""


@dataclass(eq=False)
class Memory:
    """One allocation, at an address that is a multiple of 512."""

    size: int
    owner: Owner
    values: np.ndarray[Any, np.dtype[np.uint8]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        room = np.full(self.size + _ALIGNMENT, POISON, np.uint8)
        start = -room.ctypes.data % _ALIGNMENT
        self.values = room[start : start + self.size]

    @property
    def ptr(self) -> int:
        """Where it starts; 0 if it is empty."""
        return self.values.ctypes.data if self.size else 0

    @property
    def device_id(self) -> int:
        """The number of the device."""
        return self.owner.number


class Pointer(NamedTuple):
    """An address, and the allocation that it is in."""

    ptr: int
    mem: Memory

    @property
    def device_id(self) -> int:
        """The number of the device."""
        return self.mem.device_id


class Device(NamedTuple):
    """Which device it would be."""

    id: int


class DeviceArray(NDArrayOperatorsMixin):
    """An array on a device that is simulated in host memory."""

    def __init__(self, values: np.ndarray[Any, np.dtype[Any]], memory: Memory) -> None:
        self.values = values  # for the simulation and for tests; zstore knows no such name
        self.memory = memory

    @property
    def data(self) -> Pointer:
        return Pointer(self.values.ctypes.data if self.memory.size else 0, self.memory)

    @property
    def device(self) -> Device:
        return Device(self.memory.device_id)

    @property
    def __cuda_array_interface__(self) -> dict[str, object]:
        return {
            "shape": self.values.shape,
            "typestr": self.values.dtype.str,
            "descr": self.values.dtype.descr,
            "data": (self.data.ptr, False),
            "strides": None if self.values.flags.c_contiguous else self.values.strides,
            "stream": 1,
            "version": 3,
        }

    def __array__(self, *_: object, **__: object) -> None:
        msg = "Implicit conversion to a NumPy array is not allowed (simulated device)"
        raise TypeError(msg)

    @override
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return _call(self.memory.owner, getattr(ufunc, method), *inputs, **kwargs)

    def __array_function__(self, function: Any, _: Any, args: Any, kwargs: Any) -> Any:
        return _call(self.memory.owner, function, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in _OF_THE_HOST:
            msg = f"a simulated device array has no attribute {name!r}"
            raise AttributeError(msg)
        value = getattr(self.values, name)
        if isinstance(value, np.ndarray):
            return DeviceArray(value, self.memory)
        if not callable(value):
            return value
        return partial(_call, self.memory.owner, getattr(type(self.values), name), self)

    def view(self, dtype: Any = np.uint8) -> "DeviceArray":
        return DeviceArray(self.values.view(dtype), self.memory)

    def reshape(self, *shape: Any) -> "DeviceArray":
        return DeviceArray(self.values.reshape(*shape), self.memory)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, DeviceArray):
            return _call(self.memory.owner, np.ndarray.__getitem__, self, key)
        part = self.values[key]
        if not isinstance(part, np.ndarray):  # one element, which stays on the device
            return _put(self.memory.owner, part)
        return DeviceArray(part, self.memory)

    def __setitem__(self, key: Any, value: Any) -> None:
        _call(self.memory.owner, np.ndarray.__setitem__, self, key, value)

    def get(self, *_: object, **__: object) -> np.ndarray[Any, np.dtype[Any]]:
        """Copy it to the host."""
        self.memory.owner.before_use()
        self.memory.owner.downloaded(self.values.nbytes)
        return self.values.copy()

    def item(self) -> Any:
        return self.get().item()

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    def __complex__(self) -> complex:
        return complex(self.get())

    __index__ = __int__

    @override
    def __repr__(self) -> str:
        return f"<{NAME}: {self.dtype}{self.shape}>"


def _call(owner: Owner, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function of NumPy as if it were a kernel."""
    owner.before_use()
    with np.errstate(all="ignore"):  # a device says nothing
        result = function(
            *(_taken(each) for each in args),
            **{name: _taken(each) for name, each in kwargs.items()},
        )
    out = kwargs.get("out")
    if out is None:
        return _put(owner, result)
    return out[0] if isinstance(out, tuple) else out


def _taken(value: Any) -> Any:
    """Return what an argument holds; arrays of the host are refused, as by CuPy."""
    if isinstance(value, (list, tuple)):
        return type(value)(_taken(each) for each in value)
    if isinstance(value, np.ndarray):
        msg = f"Unsupported type {type(value)} (simulated device)"
        raise TypeError(msg)
    if not isinstance(value, DeviceArray):
        return value
    if value.values.size and value.data.ptr % value.values.dtype.alignment:
        msg = "cudaErrorMisalignedAddress: misaligned address (simulated device)"
        raise SimulatedDeviceError(msg)
    return value.values


def _put(owner: Owner, result: Any) -> Any:
    """Return results as arrays on the device, also single numbers, as CuPy does."""
    if isinstance(result, (list, tuple)):
        return type(result)(_put(owner, each) for each in result)
    if not isinstance(result, (np.ndarray, np.generic)):
        return result
    values = np.asarray(result)
    array = DeviceArray(values, Memory(values.nbytes, owner))
    array.values = array.memory.values[: values.nbytes].view(values.dtype)
    array.values = array.values.reshape(values.shape)
    array.values[...] = values
    return array


class SimulatedArrays:
    """The module that would be CuPy: NumPy's functions on `DeviceArray`.

    Parameters
    ----------
    owner
        The device that new arrays are made on.
    """

    ndarray = DeviceArray
    __version__ = NAME

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._pool: Any = None
        self.cuda = SimpleNamespace(runtime=SimulatedRuntime())

    def array(self, values: Any, *args: Any, **kwargs: Any) -> Any:
        """Copy to the device."""
        if isinstance(values, DeviceArray):
            return _call(self._owner, np.array, values, *args, **kwargs)
        return _put(self._owner, np.array(values, *args, **kwargs))

    def asarray(self, values: Any, *args: Any, **kwargs: Any) -> Any:
        """Copy to the device what is not there."""
        if isinstance(values, DeviceArray) and not args and not kwargs:
            return values
        return self.array(values, *args, **kwargs)

    def get_default_memory_pool(self) -> Any:
        """Return the pool of those who name none."""
        self._pool = self._pool or self._owner.pool()
        return self._pool

    def asnumpy(self, array: DeviceArray) -> np.ndarray[Any, np.dtype[Any]]:
        """Copy to the host."""
        return array.get()

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        if isinstance(value, type) or not callable(value):
            return value
        return partial(_call, self._owner, value)
