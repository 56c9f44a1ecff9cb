import codecs
import random

import pytest

from zstore_widgets.details.previews.texts import ENCODINGS, decode_part, guess_encoding

TEXT = "Größe der Felder:\r\n\tTemperatur 12 °C, Höhe 3 m\n" * 40


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16-le"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32-le"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32-be"),
        (TEXT.encode("latin-1"), "latin-1"),
        ("温度".encode(), "utf-8"),
        (b"\x1b[31mred\x1b[0m\n", "utf-8"),
    ],
)
def test_text_is_known_and_read(content: bytes, encoding: str):
    assert guess_encoding(content, is_whole=True) == encoding
    text, nbytes = decode_part(content, encoding, is_end=True)
    assert nbytes == len(content)
    assert "\ufffd" not in text
    assert not text.startswith("\ufeff")


@pytest.mark.parametrize(
    "content",
    [
        bytes(100),
        random.Random(1).randbytes(4096),
        random.Random(2).randbytes(20),
        b"\x00\x00\x80\x3f" * 50,
        b"\x93NUMPY\x01\x00v\x00",
        b"\xff\xfeonly"[2:] + b"\x80\x81\x82",
        b"\xe9",
    ],
)
def test_bytes_that_are_no_text_are_not_guessed_to_be(content: bytes):
    assert guess_encoding(content, is_whole=True) is None


def test_a_character_that_the_end_cuts_is_no_reason_for_another_encoding():
    content = ("x" * 15 + "ö").encode()[:-1]
    assert guess_encoding(content, is_whole=False) == "utf-8"
    assert guess_encoding(content, is_whole=True) == "latin-1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-32-be", "latin-1"])
@pytest.mark.parametrize("size", [1, 5, 7, 64])
def test_parts_of_a_text_fit_together(encoding: str, size: int):
    text = "añ€😀b" if encoding != "latin-1" else "añb"
    content = (text * 9).encode(encoding)
    found, start = "", 0
    size = max(size, 4)
    while start < len(content):
        part = content[start : start + size]
        is_end = start + size >= len(content)
        piece, nbytes = decode_part(part, encoding, is_end=is_end)
        found, start = found + piece, start + nbytes
    assert found == text * 9


def test_what_is_no_text_in_the_encoding_is_replaced():
    for encoding in ENCODINGS:
        text, nbytes = decode_part(bytes(range(256)) * 4, encoding, is_end=True)
        assert nbytes == 1024
        assert text
