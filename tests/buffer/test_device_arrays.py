"""Arrays of other libraries are taken by either interface, in simulation."""

import numpy as np
import pytest

from tests.gpu.simulation import DeviceArray, Simulation
from zstore.buffer import gpu
from zstore.buffer.device_arrays import as_cupy, lies_on_device
from zstore.errors import InvalidTypeError


class Tensor:
    """A tensor of another library, by one interface or the other."""

    def __init__(self, array: DeviceArray, device: tuple[int, int] | None = None) -> None:
        self.array = array
        if device is None:
            self.__cuda_array_interface__ = array.__cuda_array_interface__
        else:
            self.__dlpack_device__ = lambda: device


def test_foreign_device_arrays_are_taken_by_either_interface_in_simulation(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
):
    def taken(tensor: Tensor) -> DeviceArray:
        return tensor.array

    array: DeviceArray = simulation.xp.asarray(np.arange(4, dtype=np.uint8))
    monkeypatch.setattr(simulation.xp, "asarray", taken, raising=False)
    monkeypatch.setattr(simulation.xp, "from_dlpack", taken, raising=False)
    for tensor in (Tensor(array), Tensor(array, (2, 0)), Tensor(array, (13, 0))):
        assert lies_on_device(tensor)
        assert gpu.Buffer(tensor).ptr == array.data.ptr
    on_the_host = Tensor(array, (1, 0))
    assert not lies_on_device(on_the_host)
    with pytest.raises(InvalidTypeError, match="Tensor, which is on the host"):
        gpu.Buffer(on_the_host)
    assert as_cupy(array) is array
