"""What stores and errors are called."""

from pathlib import Path

import pytest

import zstore
from zstore import LocalStore, LoggingStore, MemoryStore, StorePath
from zstore._compat import override
from zstore.display import place_line, sentence, sentence_of, without_home
from zstore.errors import AccessDeniedError, BackendError, KeyNotFoundError


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> str:
    folder = str(Path("/somewhere/ada"))
    monkeypatch.setattr(Path, "home", lambda: Path(folder))
    return folder


def test_a_store_in_memory_is_called_the_same_on_every_run():
    first, second = MemoryStore(), MemoryStore()
    assert repr(first) != repr(second)
    assert place_line(first) == place_line(second) == "MemoryStore('memory://')"
    assert place_line(LoggingStore(first)) == "LoggingStore(MemoryStore, 'memory://')"
    assert place_line(StorePath(first, "a")) == "StorePath(MemoryStore, 'memory:///a')"
    assert place_line(zstore.sync.SyncStore(first)) == f"SyncStore({place_line(first)})"


def test_the_home_folder_is_a_tilde(home: str):
    assert place_line(LocalStore(f"{home}/run.zarr")) == "LocalStore('file://~/run.zarr')"
    assert without_home(f"{home} and {home}/x, '{home}'") == "~ and ~/x, '~'"


def test_what_only_looks_like_the_home_folder_stays(home: str):
    for text in (f"/mnt{home}/x", f"{home}-old/x", f"{home}lovelace"):
        assert without_home(text) == text


@pytest.mark.parametrize("error", [RuntimeError, None])
def test_without_a_home_folder_nothing_is_shortened(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
):
    def home() -> Path:
        if error is not None:
            raise error
        return Path("/")

    monkeypatch.setattr(Path, "home", home)
    assert without_home("/a/b") == "/a/b"


def test_a_bucket_of_digits_keeps_its_name():
    class Bucket:
        @override
        def __repr__(self) -> str:
            return "<Bucket(s3://1234567890)>"

    assert place_line(Bucket()) == "<Bucket(s3://1234567890)>"


def test_a_store_that_cannot_name_itself_has_the_name_of_its_class():
    class Silent:
        @override
        def __repr__(self) -> str:
            raise RuntimeError

    assert place_line(Silent()) == "<Silent>"


def test_no_secret_and_no_control_character_is_in_a_line():
    class Loud:
        @override
        def __repr__(self) -> str:
            return "Loud(https://me:word@host/a?token=abc\n\x1b[31m)"

    line = place_line(Loud())
    assert "word" not in line
    assert "abc" not in line
    assert line.isprintable()
    assert "\\x1b[31m" in line


def test_an_error_is_one_line(home: str):
    error = BackendError("k\u202e", f"GET https://me:word@host/x of {home}/y\nfailed")
    text = sentence(error)
    assert text == (
        "the backend failed on 'k\\u202e': GET https://...@host/x of ~/y failed"
    )


def test_an_error_of_others_is_led_by_its_class():
    assert sentence(RuntimeError("no")) == "RuntimeError: no"
    assert sentence(RuntimeError()) == "RuntimeError"
    assert sentence(KeyNotFoundError("a")) == "no value is stored under 'a'"


def test_an_error_of_the_system_names_no_file():
    assert sentence(FileNotFoundError(2, "No such file", "/secret/place")) == (
        "FileNotFoundError: No such file"
    )


def test_the_kind_of_an_error_is_told_apart():
    assert sentence_of(AccessDeniedError("a", "403"))[0] == "AccessDeniedError"
