import gzip
import io
import json
import zlib

import numpy as np
import pytest

from zstore_widgets.details.previews.heads import Head
from zstore_widgets.details.previews.kinds import Wish, look_at


def whole(content: bytes) -> Head:
    return Head(content, len(content))


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "label"),
    [
        (b"", "empty", "Empty value"),
        (b'{"a": 1}', "json", "JSON"),
        (b" \n[1, 2]\n", "json", "JSON"),
        ('{"a": "ä"}'.encode("utf-16"), "json", "JSON, UTF-16 (little endian)"),
        (b"{not json}", "text", "Text, UTF-8"),
        (b"12", "text", "Text, UTF-8"),
        (b"<svg onload='alert(1)'/>", "text", "Text, UTF-8"),
        (b"<!doctype html><script>1</script>", "text", "Text, UTF-8"),
        (gzip.compress(b"x" * 100, mtime=0), "binary", "gzip-compressed"),
        (zlib.compress(b"x" * 100), "binary", "zlib-compressed"),
        (npy(np.zeros(3)), "binary", "NumPy array (.npy)"),
        (b"\x80\x04\x95pickle", "binary", "Python pickle (never opened here)"),
        (b"%PDF-1.7\n%text", "binary", "PDF document"),
        (bytes(range(256)), "binary", "Bytes"),
    ],
)
def test_a_value_is_known_by_its_bytes(content: bytes, kind: str, label: str):
    look = look_at(whole(content))
    assert (look.kind, look.label) == (kind, label)


def test_a_npy_file_shows_its_header_as_text():
    note = look_at(whole(npy(np.zeros((3, 4), "<f4")))).note
    assert note is not None
    assert "'descr': '<f4'" in note
    assert "(3, 4)" in note


def test_the_header_of_a_npy_file_is_not_evaluated_or_believed():
    evil = b"\x93NUMPY\x01\x00\xff\xff__import__('os')\x1b[31m\xff"
    note = look_at(whole(evil)).note
    assert note == "__import__('os')\\x1b[31m\ufffd"


@pytest.mark.parametrize(
    ("wish", "kind"), [("json", "json"), ("text", "text"), ("hex", "binary")]
)
def test_every_form_can_be_forced_on_every_value(wish: Wish, kind: str):
    for content in (b'{"a": 1}', b"text", bytes(range(256)), b"\x89PNG\r\n\x1a\n"):
        assert look_at(whole(content), wish).kind == kind


def test_a_long_json_is_json_as_far_as_it_was_read():
    content = json.dumps(list(range(5000))).encode()
    look = look_at(Head(content[:1000], len(content)))
    assert look.kind == "json"
    assert look.json is not None
    assert look.json.status == "cut"


def test_a_text_says_how_many_of_its_bytes_are_shown():
    content = "ö".encode() * 10
    look = look_at(Head(content[:9], len(content)))
    assert (look.text, look.nbytes) == ("öööö", 8)
