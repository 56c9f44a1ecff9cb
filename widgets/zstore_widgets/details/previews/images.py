"""The format and the size of a picture, from its header; no pixel is decoded.

Sources: PNG (third edition, 11.2.1), GIF89a (section 18), JPEG (T.81, B.2.2), RFC 9649
(WebP), and the bitmap headers of Windows.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["MAX_IMAGE_NBYTES", "MAX_PIXELS", "ImageHeader", "image_header"]

MAX_IMAGE_NBYTES = 4 * 2**20
MAX_PIXELS = 40_000_000
"""A browser makes four bytes of each."""

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What a picture says of itself.

    Attributes
    ----------
    name, mime
        The format: for people, and for browsers.
    width, height
        In pixels; 0 where the header was cut off or says nothing.
    """

    name: str
    mime: str
    width: int
    height: int

    @property
    def problem(self) -> str | None:
        """Why a browser should not be given the picture, as a sentence."""
        if not self.width or not self.height:
            return "the header of the picture does not say how large it is"
        if self.width * self.height > MAX_PIXELS:
            pixels = f"{self.width * self.height / 1e6:,.0f} megapixels"
            return f"the picture has {pixels}; at most {MAX_PIXELS // 10**6} are shown"
        return None


def image_header(content: bytes) -> ImageHeader | None:
    """Return what the first bytes say of a picture, or None if they begin none.

    Examples
    --------
    >>> header = image_header(b"GIF89a" + bytes([3, 0, 2, 0]))
    >>> header.name, header.width, header.height
    ('GIF', 3, 2)
    """
    for is_one, name, mime, size_of in _FORMATS:
        if is_one(content):
            try:
                width, height = size_of(content)
            except (struct.error, IndexError):
                width = height = 0
            return ImageHeader(name, mime, width, height)
    return None


def _png_size(content: bytes) -> Size:
    width, height = struct.unpack_from(">II", content, 16)
    return (width, height) if content[12:16] == b"IHDR" else (0, 0)


def _gif_size(content: bytes) -> Size:
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _bmp_size(content: bytes) -> Size:
    if struct.unpack_from("<I", content, 14)[0] == 12:  # noqa: PLR2004 -- OS/2's header
        width, height = struct.unpack_from("<HH", content, 18)
    else:
        width, height = struct.unpack_from("<ii", content, 18)
    # A negative height is that of a picture whose first row is the top one.
    return abs(width), abs(height)


def _webp_size(content: bytes) -> Size:
    match content[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            low, high = content[24:27], content[27:30]
            if len(high) < 3:  # noqa: PLR2004 -- numbers of three bytes
                return 0, 0
            return int.from_bytes(low, "little") + 1, int.from_bytes(high, "little") + 1
        case _:
            return 0, 0


# Start of frame: all of C0 to CF but the tables C4 and CC and the extension C8.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg_size(content: bytes) -> Size:
    at = 2
    while content[at] == 0xFF:  # noqa: PLR2004 -- what every marker starts with
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        if marker == 0xFF or marker in _ALONE:  # noqa: PLR2004 -- a fill byte
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
        else:
            at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return 0, 0


_FORMATS: tuple[tuple[Callable[[bytes], bool], str, str, Callable[[bytes], Size]], ...] = (
    (lambda c: c.startswith(b"\x89PNG\r\n\x1a\n"), "PNG", "image/png", _png_size),
    (lambda c: c.startswith((b"GIF87a", b"GIF89a")), "GIF", "image/gif", _gif_size),
    (lambda c: c.startswith(b"\xff\xd8\xff"), "JPEG", "image/jpeg", _jpeg_size),
    (lambda c: c[:4] == b"RIFF" and c[8:12] == b"WEBP", "WebP", "image/webp", _webp_size),
    # Two letters are little: the field after them is 0 in every bitmap.
    (lambda c: c[:2] == b"BM" and c[6:10] == bytes(4), "BMP", "image/bmp", _bmp_size),
)
