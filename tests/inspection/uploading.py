"""Device buffers for tests, on a device that is simulated in host memory."""

from typing import Any

from zstore.buffer import cpu, gpu
from zstore.buffer.moving import move

__all__ = ["uploaded"]


async def uploaded(content: Any) -> gpu.Buffer:
    """Copy to the current device."""
    buffer = await move(cpu.Buffer.from_bytes(content), gpu.Buffer)
    assert isinstance(buffer, gpu.Buffer)
    return buffer
