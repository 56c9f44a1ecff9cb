"""As much of CuPy as `CudaDriver` calls, simulated in host memory. It is no GPU.

It is strict where CUDA is: an address has to lie in memory that was allocated, a copy has
to go the way that it says, and an event belongs to the device that was current.
"""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from tests.gpu.simulated_arrays import Memory, SimulatedMemoryError
from tests.gpu.simulated_pool import SimulatedPool
from tests.gpu.simulation import DeviceArray, SimulatedDeviceError, SimulatedDriver

__all__ = ["SimulatedCupy"]

HOST_TO_DEVICE, DEVICE_TO_HOST, EITHER = 1, 2, 4


class Thread(threading.local):
    """What is current in a thread."""

    def __init__(self) -> None:
        self.devices: list[Any] = []
        self.streams: list[Any] = []
        self.allocators: list[Callable[[int], Memory]] = []


class Current:
    """What is made current by ``with``."""

    def __init__(self, current: Callable[[], list[Any]]) -> None:
        self._current = current

    def __enter__(self) -> Self:
        self._current().append(self)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._current().pop() is self


class SimulatedCupy:
    """The module; `simulated` does the work."""

    ndarray = staticmethod(
        lambda shape, dtype, memory: DeviceArray(
            memory.values[: int(np.prod(shape))].view(dtype), memory
        )
    )

    def __init__(self, simulated: SimulatedDriver) -> None:
        self.simulated = simulated
        self._thread = Thread()
        self._memory: list[npt.NDArray[np.uint8]] = []
        self._pinned: list[npt.NDArray[np.uint8]] = []
        self.cuda = SimpleNamespace(
            memory=SimpleNamespace(OutOfMemoryError=SimulatedMemoryError),
            runtime=SimpleNamespace(
                CUDARuntimeError=SimulatedDeviceError,
                memcpyHostToDevice=HOST_TO_DEVICE,
                memcpyDeviceToHost=DEVICE_TO_HOST,
                memcpyDefault=EITHER,
                memcpyAsync=self._memcpy,
                memGetInfo=self._on_a_device(simulated.memory),
            ),
            Device=self._device,
            Stream=self._stream,
            Event=self._event,
            MemoryPool=self._pool,
            alloc_pinned_memory=self._on_a_device(self._alloc_pinned_memory),
            using_allocator=self._using_allocator,
            get_current_stream=lambda: self._thread.streams[-1],
        )

    def concatenate(self, arrays: Sequence[DeviceArray]) -> DeviceArray:
        assert self._thread.streams
        base = self._thread.allocators[-1](sum(len(array) for array in arrays))
        target = DeviceArray(base.values[: sum(len(array) for array in arrays)], base)
        values = [array.values for array in arrays]
        self.simulated.stream.ask(lambda: np.concatenate(values, out=target.values))
        return target

    def _on_a_device(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            assert self._thread.devices, "no device is current"
            return function(*args)

        return call

    def _device(self, number: int | None) -> Any:
        device: Any = Current(lambda: self._thread.devices)
        device.id = number
        return device

    def _stream(self, *, non_blocking: bool) -> Any:
        assert self._thread.devices
        assert not non_blocking
        stream: Any = Current(lambda: self._thread.streams)
        stream.ptr, stream.device_id = id(stream), self._thread.devices[-1].id
        stream.wait_event = lambda event: self.simulated.wait(event.recorded)
        return stream

    def _event(self, *, block: bool = False, disable_timing: bool = False) -> Any:
        assert disable_timing
        event = SimulatedCudaEvent(self.simulated, self._thread.devices[-1].id)
        event.blocks = block
        return event

    def _pool(self) -> Any:
        pool = self.simulated.pool()
        figures = self._on_a_device(pool.figures)
        return SimpleNamespace(
            malloc=lambda nbytes: self._malloc(pool, nbytes),
            used_bytes=lambda: figures().used_nbytes,
            total_bytes=lambda: figures().total_nbytes,
            n_free_blocks=lambda: figures().free_blocks,
            get_limit=lambda: figures().limit_nbytes or 0,
            set_limit=pool.set_limit,
            free_all_blocks=self._on_a_device(pool.free_all_blocks),
        )

    def _malloc(self, pool: SimulatedPool, nbytes: int) -> Memory:
        assert self._thread.streams, "memory would belong to another stream"
        memory = pool.malloc(nbytes)
        self._memory.append(memory.values)
        return memory

    def _alloc_pinned_memory(self, nbytes: int) -> npt.NDArray[np.uint8]:
        self._pinned.append(self.simulated.pinned(nbytes))
        return self._pinned[-1]

    @contextmanager
    def _using_allocator(self, allocator: Callable[[int], Memory]) -> Generator[None]:
        self._thread.allocators.append(allocator)
        yield
        self._thread.allocators.pop()

    def _memcpy(self, to: int, start: int, nbytes: int, kind: int, stream: int) -> None:
        assert stream
        memory = {True: self._memory, False: self._pinned}
        target = self._at(to, nbytes, memory[kind != DEVICE_TO_HOST])
        source = self._at(start, nbytes, memory[kind != HOST_TO_DEVICE])
        self.simulated.stream.ask(lambda: np.copyto(target, source))

    def _at(
        self, address: int, nbytes: int, memory: list[npt.NDArray[np.uint8]]
    ) -> npt.NDArray[np.uint8]:
        for values in memory:
            at = address - values.ctypes.data
            if at >= 0 and at + nbytes <= values.nbytes:
                return values[at : at + nbytes]
        msg = f"cudaErrorInvalidValue: {nbytes} bytes at {address:#x}"
        raise SimulatedDeviceError(msg)


class SimulatedCudaEvent:
    """``cupy.cuda.Event``."""

    def __init__(self, simulated: SimulatedDriver, device: int) -> None:
        self.blocks = False
        self._simulated, self._device = simulated, device
        self.recorded: Any = None

    def record(self, stream: Any) -> None:
        assert stream.device_id == self._device, "a stream of another device"
        self.recorded = self._simulated.record()

    @property
    def done(self) -> bool:
        return bool(self.recorded.done)

    def synchronize(self) -> None:
        assert self.blocks, "a wait that spins"
        self.recorded.synchronize()
