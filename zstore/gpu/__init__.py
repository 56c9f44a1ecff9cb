"""Device memory: whether there is any, and the engine that moves bytes to and from it.

Importing this imports no CuPy and touches no driver.
"""

from zstore.errors import GpuUnavailable
from zstore.gpu.status import GpuStatus, known_status, require, status

__all__ = ["GpuStatus", "GpuUnavailable", "known_status", "require", "status"]
