"""What a value is, by its first bytes."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from zstore.display import visible
from zstore_widgets.details.previews.heads import Head
from zstore_widgets.details.previews.images import ImageHeader, image_header
from zstore_widgets.details.previews.json_rows import JsonRows, json_rows
from zstore_widgets.details.previews.texts import (
    decode_part,
    encoding_label,
    guess_encoding,
)

__all__ = ["Kind", "Look", "Wish", "look_at"]

Kind: TypeAlias = Literal["missing", "empty", "json", "text", "image", "binary"]
"""How a value can be shown; ``"binary"`` is by its bytes."""

Wish: TypeAlias = Literal["auto", "json", "text", "hex"]
"""How somebody wants a value to be shown."""

# What a value starts with, and what that is. Only shown, never opened.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip-compressed"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed"),
    (b"\x78\x01", "zlib-compressed"),
    (b"\x78\x5e", "zlib-compressed"),
    (b"\x78\x9c", "zlib-compressed"),
    (b"\x78\xda", "zlib-compressed"),
    (b"\x04\x22\x4d\x18", "LZ4-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\x00", "xz-compressed"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 file"),
    (b"CDF\x01", "NetCDF file"),
    (b"CDF\x02", "NetCDF file"),
    (b"CDF\x05", "NetCDF file"),
    (b"%PDF-", "PDF document"),
    (b"PAR1", "Parquet file"),
    (b"ARROW1", "Arrow file"),
    (b"II*\x00", "TIFF image"),
    (b"MM\x00*", "TIFF image"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000 image"),
    (b"SQLite format 3\x00", "SQLite database"),
    (b"\x80\x02", "Python pickle (never opened here)"),
    (b"\x80\x03", "Python pickle (never opened here)"),
    (b"\x80\x04\x95", "Python pickle (never opened here)"),
    (b"\x80\x05\x95", "Python pickle (never opened here)"),
)
_NPY = b"\x93NUMPY"
_MAX_NOTE = 300


@dataclass(frozen=True, slots=True)
class Look:
    """How a value is shown.

    Attributes
    ----------
    kind
        How it can be shown best, or as it was wished.
    label
        What it is, in a few words.
    encoding
        Of text and JSON.
    text
        Of text: the part in `Head.content`.
    nbytes
        How many of the bytes are shown.
    json
        The rows of JSON.
    image
        What a picture says of itself.
    note
        More that its header says.
    """

    kind: Kind
    label: str
    encoding: str | None = None
    text: str | None = None
    nbytes: int = 0
    json: JsonRows | None = None
    image: ImageHeader | None = None
    note: str | None = None


def look_at(head: Head, wish: Wish = "auto") -> Look:
    """Return how a value is to be shown.

    Notes
    -----
    About 20 ms for 64 KiB of JSON, less for the rest: for a thread.
    """
    if head.nbytes == 0:
        return Look("empty", "Empty value")
    if wish == "hex":
        return _binary(head.content)
    image = image_header(head.content)
    if wish == "auto" and image is not None:
        size = f", {image.width:,} × {image.height:,}" if image.width else ""  # noqa: RUF001 -- the sign of a product
        return Look("image", f"{image.name} image{size}", image=image)
    encoding = guess_encoding(head.content, is_whole=head.is_whole)
    if wish == "auto" and (encoding is None or _is_signed(head.content)):
        return _binary(head.content)
    # What is forced to be text is read as the encoding in which no byte is wrong.
    return _text(head, encoding or "latin-1", wish)


def _text(head: Head, encoding: str, wish: Wish) -> Look:
    text, nbytes = decode_part(head.content, encoding, is_end=head.is_whole)
    label = encoding_label(encoding)
    if wish == "json" or (wish == "auto" and text.lstrip()[:1] in ("{", "[")):
        rows = json_rows(text, is_whole=head.is_whole)
        if wish == "json" or rows.status != "invalid":
            shown = f"JSON, {label}" if encoding != "utf-8" else "JSON"
            return Look("json", shown, encoding, nbytes=nbytes, json=rows)
    return Look("text", f"Text, {label}", encoding, text, nbytes)


def _is_signed(content: bytes) -> bool:
    return content.startswith((_NPY, *(sign for sign, _ in _SIGNATURES)))


def _binary(content: bytes) -> Look:
    if content.startswith(_NPY):
        return Look("binary", "NumPy array (.npy)", note=_npy_header(content))
    labels = (label for sign, label in _SIGNATURES if content.startswith(sign))
    return Look("binary", next(labels, "Bytes"))


def _npy_header(content: bytes) -> str | None:
    """Return the text in the header of a ``.npy`` file, which is not evaluated.

    Source: NEP 1, "A Simple File Format for NumPy Arrays".
    """
    wide = content[6:7] != b"\x01"
    start = 12 if wide else 10
    length = int.from_bytes(content[8:start], "little")
    text = content[start : start + min(length, 4 * _MAX_NOTE)].decode("utf-8", "replace")
    return visible(text.strip(), _MAX_NOTE) or None
