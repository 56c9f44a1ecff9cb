"""Headers of real pictures, written by Pillow where it is there, and of hostile ones."""

import io
import struct

import pytest

from zstore_widgets.details.previews.images import ImageHeader, image_header

PIL = pytest.importorskip("PIL.Image")

FORMATS = {
    "PNG": "image/png",
    "GIF": "image/gif",
    "JPEG": "image/jpeg",
    "WebP": "image/webp",
    "BMP": "image/bmp",
}


def picture(name: str, width: int = 321, height: int = 45, **options: object) -> bytes:
    file = io.BytesIO()
    PIL.new("RGB", (width, height), "teal").save(file, name, **options)
    return file.getvalue()


@pytest.mark.parametrize(("name", "mime"), FORMATS.items())
def test_a_picture_is_known_by_its_first_bytes(name: str, mime: str):
    assert image_header(picture(name)) == ImageHeader(name, mime, 321, 45)


def test_all_three_kinds_of_webp_are_known():
    lossless = picture("WebP", lossless=True)
    extended = picture("WebP", icc_profile=b"x" * 100)
    assert {lossless[12:16], extended[12:16]} == {b"VP8L", b"VP8X"}
    for content in (lossless, extended):
        header = image_header(content)
        assert header is not None
        assert (header.width, header.height) == (321, 45)


def test_a_progressive_jpeg_with_a_long_comment_is_known():
    header = image_header(picture("JPEG", progressive=True, comment=b"c" * 30_000))
    assert header is not None
    assert (header.width, header.height) == (321, 45)


@pytest.mark.parametrize("name", FORMATS)
def test_a_header_that_is_cut_off_has_its_size_or_none(name: str):
    content = picture(name)
    for length in range(64):
        header = image_header(content[:length])
        if header is not None and header.problem is None:
            assert (header.width, header.height) == (321, 45)


def test_a_picture_of_ten_gigapixels_is_refused():
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 100_000, 100_000)
    header = image_header(huge)
    assert header is not None
    assert header.problem == "the picture has 10,000 megapixels; at most 40 are shown"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff" + b"\xff" * 1000,
        b"\xff\xd8\xff\xe0\x00\x00" * 1000,
        b"\xff\xd8\xff\xd0" * 1000,
        b"BM" + bytes(60),
        b"RIFF\0\0\0\0WEBPxxxx" + bytes(40),
    ],
)
def test_a_header_that_lies_is_no_endless_loop(content: bytes):
    header = image_header(content)
    assert header is not None
    assert header.problem == "the header of the picture does not say how large it is"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        b"BMW is a car",
        b"RIFF",
    ],
)
def test_svg_html_and_text_are_no_pictures(content: bytes):
    assert image_header(content) is None
