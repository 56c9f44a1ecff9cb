"""What the CUDA runtime would say of a device that is simulated in host memory, no GPU."""

from types import SimpleNamespace

__all__ = ["NAME", "SimulatedRuntime"]

NAME = "simulated in host memory, not a GPU"

_DEVICE_MEMORY = 2  # CUDA's number for it


class SimulatedRuntime:
    """``cupy.cuda.runtime``, of devices that are all alike."""

    def getDeviceProperties(self, number: int) -> dict[str, object]:  # noqa: N802 -- CUDA's
        del number
        return {
            "name": NAME.encode(),
            "major": 0,
            "minor": 0,
            "multiProcessorCount": 1,
            "l2CacheSize": 1 << 20,
        }

    def deviceGetPCIBusId(self, number: int) -> str:  # noqa: N802 -- CUDA's
        return f"0000:{number:02X}:00.0"

    def driverGetVersion(self) -> int:  # noqa: N802 -- CUDA's
        return 0

    def runtimeGetVersion(self) -> int:  # noqa: N802 -- CUDA's
        return 0

    def pointerGetAttributes(self, ptr: int) -> SimpleNamespace:  # noqa: N802 -- CUDA's
        return SimpleNamespace(type=_DEVICE_MEMORY, devicePointer=ptr)
