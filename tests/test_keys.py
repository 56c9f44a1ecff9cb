"""What is a key, what is a prefix, and what is neither."""

import posixpath
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore._compat import override
from zstore.errors import InvalidKeyError, InvalidTypeError
from zstore.keys import (
    RESERVED_SUFFIX,
    check_key,
    check_prefix,
    is_key,
    keys_below,
    prefix_of,
)
from zstore.testing.bad_keys import BAD_KEYS

GOOD_KEYS = [
    "a",
    "zarr.json",
    ".zgroup",
    "...",
    "..a",
    "a../b",
    "group/array/c/0/1",
    "a b",
    " ",
    "~",
    "*",
    "?[x]{y}",
    "%2e%2e",
    "#",
    "g/a:b",
    "ab:c",
    "1:2",
    "a/C:/b",
    "é",
    "e\u0301",
    "\U0001f600",
    "\u200b",
    "a" * 5000,
]

REASONS = {
    "": "it is empty",
    "/a": "it starts with '/'",
    "a/": "it ends with '/'",
    "a//b": "it has an empty segment",
    "a/../b": "it has a segment '.' or '..'",
    ".": "it has a segment '.' or '..'",
    "a\\b": "it contains a backslash",
    "a\0": "it contains a control character",
    "a\x7f": "it contains a control character",
    "a\udc80": "it cannot be encoded as UTF-8",
    "C:x": "it starts with a drive letter",
    f"a{RESERVED_SUFFIX}": "is reserved",
}


@pytest.mark.parametrize("key", GOOD_KEYS)
def test_a_good_key_is_returned_as_it_is(key: str):
    assert is_key(key)
    assert check_key(key) == key
    assert check_prefix(key) == key
    assert check_prefix(key + "/") == key + "/"


@pytest.mark.parametrize("key", ["", *BAD_KEYS, "a/", "a/b/"])
def test_a_bad_key_is_refused_and_named(key: str):
    assert not is_key(key)
    for _ in range(2):  # the second time from the cache
        with pytest.raises(InvalidKeyError) as info:
            check_key(key)
        assert info.value.key == key
        assert repr(key) in str(info.value)


@pytest.mark.parametrize(("key", "reason"), REASONS.items())
def test_the_error_says_what_is_wrong(key: str, reason: str):
    with pytest.raises(ValueError, match="not a valid key") as info:
        check_key(key)
    assert reason in str(info.value)


@pytest.mark.parametrize("prefix", BAD_KEYS)
def test_a_bad_prefix_is_refused(prefix: str):
    with pytest.raises(InvalidKeyError):
        check_prefix(prefix)


def test_the_empty_prefix_is_one_and_a_slash_is_none():
    assert check_prefix("") == ""
    with pytest.raises(InvalidKeyError):
        check_prefix("/")
    with pytest.raises(InvalidKeyError):
        check_prefix("a//")


@pytest.mark.parametrize("key", [None, 0, b"a", ["a"], ("a",), True])
def test_what_is_no_text_is_refused(key):
    with pytest.raises(InvalidTypeError, match=type(key).__name__):
        check_key(key)
    with pytest.raises(TypeError, match=type(key).__name__):
        check_prefix(key)


class Text(str):
    """A text that lies about itself."""

    __slots__ = ()

    @override
    def __str__(self):
        return "../lie"

    @override
    def __hash__(self):
        return hash("a")

    @override
    def __eq__(self, other):
        return True


def test_a_subclass_of_str_becomes_a_plain_one():
    check_key("a")  # in the cache, under the hash that the text claims
    assert type(check_key(Text("a/b"))) is str
    assert check_key(Text("a/b")) == "a/b"
    assert type(check_prefix(Text("a/b/"))) is str
    with pytest.raises(InvalidKeyError):
        check_key(Text("../b"))


def test_prefix_of_only_matches_what_is_below():
    assert [prefix_of(p) for p in ("", "a", "a/", "a/b")] == ["", "a/", "a/", "a/b/"]


@given(st.text(alphabet=st.sampled_from("a./\\:~\0\n C") | st.characters(), max_size=12))
def test_no_key_leads_out_of_the_root(text: str):
    if is_key(text):
        path = posixpath.normpath(posixpath.join("/root", text))
        assert path == f"/root/{text}"
        assert text.encode().decode() == text
        check_key(text)
    else:
        with pytest.raises(InvalidKeyError):
            check_key(text)


@given(
    st.lists(
        st.text(string.ascii_letters + ".é", min_size=1).filter(
            lambda s: s not in {".", ".."} and RESERVED_SUFFIX not in s
        ),
        min_size=1,
    )
)
def test_segments_joined_by_slashes_are_a_key(segments: list[str]):
    assert check_key("/".join(segments)) == "/".join(segments)


NAMES = [
    "0",
    "a b",
    "é",
    "back\\slash",
    "new\nline",
    f"x{RESERVED_SUFFIX}",
    "C:",
    "a:b",
    "1:2",
]


@pytest.mark.parametrize("prefix", ["", "a/", "a/b/"])
@pytest.mark.parametrize("count", range(len(NAMES) + 1))
def test_keys_below_leaves_out_what_is_no_key(prefix: str, count: int):
    names = NAMES[:count]
    assert keys_below(prefix, names) == [prefix + n for n in names if is_key(prefix + n)]


@given(
    st.sampled_from(["", "a/"]),
    st.lists(
        st.text(st.characters(exclude_characters="/\0"), min_size=1).filter(
            lambda s: s not in {".", ".."}
        )
    ),
)
def test_keys_below_agrees_with_is_key(prefix: str, names: list[str]):
    assert keys_below(prefix, names) == [prefix + n for n in names if is_key(prefix + n)]
