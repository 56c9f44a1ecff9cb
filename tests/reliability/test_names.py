"""The grammar of keys as a function, before any store sees a hostile one."""

from pathlib import Path

import pytest

from tests.reliability.names.evil_keys import evil_keys
from zstore.errors import InvalidKeyError
from zstore.keys import check_key, check_prefix, is_key

KEYS = evil_keys(Path("/jail/root"), Path("/jail/outside"))

# What only a decoder, a shell or a person takes for something else; each is itself.
PLAIN = {
    "%2e%2e/outside/secret",
    "%2e%2e%2foutside%2fsecret",
    "..%2foutside%2fsecret",
    "..%5coutside%5csecret",
    "..%c0%afoutside",
    "\uff0e\uff0e/outside/secret",
    "\u2024\u2024/outside/secret",
    "..\u2215outside\u2215secret",
    "a%00",
    *("~", "~/x", "~root/x", "$HOME/x", "${HOME}", "file:a", "a#fragment"),
    *("a?versionId=1", "a ", " a", "a.", "...", "A", "\u202ea", "a\u200b", "\ufeffa"),
    # Too long for a file, which is for the store to say that has files.
    "x" * 256,
    f"b/{'x' * 300}",
    "/".join(["y" * 200] * 25),
}


def test_of_the_hostile_texts_these_are_keys():
    assert {key for key in KEYS if is_key(key)} == PLAIN


@pytest.mark.parametrize("key", [key for key in KEYS if key not in PLAIN])
def test_a_hostile_text_is_refused(key: str):
    with pytest.raises(InvalidKeyError):
        check_key(key)
    if key not in {"", "a/", "b/", "b/c/"}:
        with pytest.raises(InvalidKeyError):
            check_prefix(key)
