"""A picture of a field, as a PNG file.

Source: PNG specification (third edition), sections 5 (chunks) and 11.2 (IHDR, PLTE, IDAT).
"""

import struct
import zlib

import numpy as np

from zstore.demo.planet import Field

__all__ = ["png_of"]

# From cold to warm; legible to people who do not tell red from green.
_COLOURS = (
    (43, 27, 99), (33, 76, 161), (62, 146, 196), (146, 207, 216), (240, 244, 220),
    (251, 208, 125), (240, 134, 73), (204, 56, 48), (112, 11, 32),
)  # fmt: skip


def png_of(field: Field, *, scale: int = 2) -> bytes:
    """Return a PNG picture of a field, cold to warm; its first row is at the top.

    Parameters
    ----------
    field
        Shape (height, width).
    scale
        Pixels along each side of an element.
    """
    stops = np.linspace(0, 255, len(_COLOURS))
    steps = np.arange(256)
    palette = np.stack(
        [np.interp(steps, stops, channel) for channel in zip(*_COLOURS, strict=True)], 1
    )
    low, high = np.nanmin(field), np.nanmax(field)
    levels = np.round((field - low) / max(high - low, 1e-9) * 255).astype(np.uint8)
    pixels = levels.repeat(scale, 0).repeat(scale, 1)
    rows, columns = pixels.shape
    # Each row begins with its filter: none.
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), pixels], axis=1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette.round().astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
