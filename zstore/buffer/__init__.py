"""Runs of bytes: `Buffer` and the kinds of memory it can lie in.

`zstore.buffer.cpu` holds host buffers, `zstore.buffer.gpu` device buffers.
"""

from zstore.buffer import cpu, gpu
from zstore.buffer.convert import default_buffer_prototype
from zstore.buffer.core import Buffer, BufferPrototype, NDBuffer

__all__ = [
    "Buffer",
    "BufferPrototype",
    "NDBuffer",
    "cpu",
    "default_buffer_prototype",
    "gpu",
]
