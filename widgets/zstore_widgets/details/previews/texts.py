"""Text of unknown encoding."""

import codecs
import re
from typing import Final

__all__ = ["ENCODINGS", "decode_part", "encoding_label", "guess_encoding"]

ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
    "utf-32-le": "UTF-32 (little endian)",
    "utf-32-be": "UTF-32 (big endian)",
    "latin-1": "Latin-1, a guess",
}
"""What a text is read as: the name for Python, and the one for people."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark it starts with.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Those that texts have: tab, line feed, form feed, carriage return, escape.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_LATIN_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_WORDS: Final = re.compile(rb"[\t\n\r -~]")
# A text in Latin-1 is mostly ASCII; bytes that are not text at all seldom are.
_ASCII_SHARE: Final = 0.8
_MAX_CONTROL_SHARE: Final = 0.02
_ZERO_SHARE: Final = 0.4
_MIN_NBYTES: Final = 16


def encoding_label(encoding: str) -> str:
    """Return what people call an encoding."""
    return ENCODINGS.get(encoding, encoding)


def guess_encoding(content: bytes, *, is_whole: bool) -> str | None:
    """Return the encoding that `content` most likely is text in, or None.

    Parameters
    ----------
    content
        The first bytes of a value.
    is_whole
        Whether the value ends there; if not, its last character may be cut in two.

    Examples
    --------
    >>> guess_encoding(b"plain", is_whole=True), guess_encoding(bytes(8), is_whole=True)
    ('utf-8', None)
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(content, final=is_whole)
    except UnicodeDecodeError:
        return _other_encoding(content)
    if len(_CONTROLS.findall(text)) <= _MAX_CONTROL_SHARE * len(text):
        return "utf-8"
    return _other_encoding(content)


def _other_encoding(content: bytes) -> str | None:
    if len(content) < _MIN_NBYTES:
        return None
    even, odd = content[::2], content[1::2]
    # Western text in UTF-16 has a zero beside each letter.
    for zeros, letters, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        nletters = len(_WORDS.findall(letters))
        many = min(zeros.count(0), nletters) > 2 * _ZERO_SHARE * len(zeros)
        if many and letters.count(0) == 0:
            return encoding
    is_text = _LATIN_CONTROLS.search(content) is None
    return (
        "latin-1"
        if is_text and len(_WORDS.findall(content)) >= _ASCII_SHARE * len(content)
        else None
    )


def decode_part(content: bytes, encoding: str, *, is_end: bool) -> tuple[str, int]:
    """Return the text of `content`, and how many of its bytes that is.

    A character that is cut in two at the end is left for the next part. What is no text
    in the encoding becomes U+FFFD.

    Examples
    --------
    >>> decode_part("für".encode()[:2], "utf-8", is_end=False)
    ('f', 1)
    """
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    text = decoder.decode(content, final=is_end)
    left, _ = decoder.getstate()
    return text.removeprefix("\ufeff"), len(content) - len(left)
