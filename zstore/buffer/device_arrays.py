"""Arrays in CUDA memory, by whatever library.

Importing this module imports no CuPy and touches no driver.
"""

from typing import Any

from zstore.errors import InvalidTypeError
from zstore.gpu.status import require

__all__ = ["DLPACK_CUDA", "as_cupy", "lies_on_device"]

DLPACK_CUDA = 2
"""What DLPack calls CUDA memory."""

_DLPACK_CUDA_MANAGED = 13


def lies_on_device(array: object) -> bool:
    """Whether an object is an array in CUDA memory."""
    if hasattr(array, "__cuda_array_interface__"):
        return True
    device = getattr(array, "__dlpack_device__", None)
    return device is not None and device()[0] in (DLPACK_CUDA, _DLPACK_CUDA_MANAGED)


def as_cupy(array: Any) -> Any:
    """Return an array in CUDA memory as CuPy's; no copy.

    Raises
    ------
    GpuUnavailable
        If there is no device.
    InvalidTypeError
        If the array lies on the host.
    """
    cupy = require()
    if isinstance(array, cupy.ndarray):
        return array
    if hasattr(array, "__cuda_array_interface__"):
        return cupy.asarray(array)
    if lies_on_device(array):
        return cupy.from_dlpack(array)
    kind = type(array).__name__
    msg = f"a device buffer cannot wrap {kind}, which is on the host"
    raise InvalidTypeError(msg)
