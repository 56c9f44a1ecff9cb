"""What the errors of remote backends mean."""

import traceback

import aiohttp
import pytest

from zstore.errors import (
    AccessDeniedError,
    BackendError,
    BackendTimeoutError,
    CorruptStoreError,
    InvalidByteRangeError,
    KeyNotFoundError,
    StoreNotFoundError,
    UnsupportedError,
    ZStoreError,
)
from zstore.stores.failures import (
    from_os_error,
    http_status,
    may_pass,
    plain_text,
    redact,
    speakable,
    translate,
    unmask,
)


class AnswerError(Exception):
    def __init__(self, **fields: object) -> None:
        super().__init__("it failed")
        self.__dict__.update(fields)


class ReadTimeoutError(Exception):
    pass


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AnswerError(status=403), 403),
        (AnswerError(code=500), 500),
        (AnswerError(code="AccessDenied"), None),
        (AnswerError(status_code=7), None),
        (AnswerError(response={"ResponseMetadata": {"HTTPStatusCode": 412}}), 412),
        (AnswerError(response={}), None),
        (caused(OSError("outer"), AnswerError(status=416)), 416),
        (None, None),
    ],
)
def test_the_status_is_found(error: Exception | None, status: int | None):
    assert http_status(error) == status


def test_a_circle_of_causes_ends():
    error = OSError()
    error.__cause__ = error
    assert http_status(error) is None


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (PermissionError("no"), AccessDeniedError),
        (AnswerError(status=401), AccessDeniedError),
        (AnswerError(status=504), BackendTimeoutError),
        (TimeoutError(), BackendTimeoutError),
        (ReadTimeoutError(), BackendTimeoutError),
        (NotImplementedError("not this"), UnsupportedError),
        (OSError("NoSuchBucket"), StoreNotFoundError),
        (KeyNotFoundError("k"), KeyNotFoundError),
        (RuntimeError("anything"), BackendError),
        (caused(FileNotFoundError(), AnswerError(status=403)), AccessDeniedError),
        (caused(FileNotFoundError(), TimeoutError()), BackendTimeoutError),
    ],
)
def test_failures_have_their_class(raised: Exception, expected: type[Exception]):
    assert type(translate("k", raised, "store")) is expected


def test_a_file_that_is_not_found_stays_so():
    for cause in (AnswerError(status=404), KeyError("k")):
        error = caused(FileNotFoundError(), cause)
        assert unmask(error) is error
    assert isinstance(unmask(caused(FileNotFoundError(), ConnectionError())), OSError)


def test_messages_are_short_and_keep_secrets():
    assert redact("s3://bucket/a?b") == "s3://bucket/a?b"
    text = plain_text(OSError("at https://me:pw@host/?sig=canary\n\nDebug source: canary"))
    assert text == "at https://...@host/?sig=..."
    assert plain_text(OSError()) == "OSError"
    assert len(plain_text(OSError("x" * 10_000))) < 500


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (PermissionError(13, "denied"), AccessDeniedError),
        (TimeoutError("slow"), BackendTimeoutError),
        (OSError(5, "broken disk"), BackendError),
        (ConnectionResetError("gone"), BackendError),
    ],
)
def test_a_failed_system_call_is_never_missing(cause: OSError, expected: type[ZStoreError]):
    error = from_os_error("k", cause)
    assert type(error) is expected
    assert not isinstance(error, FileNotFoundError)
    assert str(cause) in str(error)
    assert "'k'" in str(error)


def test_an_error_of_the_tree_stays_what_it_is():
    original = KeyNotFoundError("k")
    assert from_os_error("other", original) is original


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (AnswerError(status=500), True),
        (AnswerError(status=429), True),
        (AnswerError(status=400), False),
        (AnswerError(status=416), False),
        (FileNotFoundError(), False),
        (caused(FileNotFoundError(), AnswerError(status=503)), True),
        (PermissionError(), False),
        (BackendError("k", "short"), True),
        (CorruptStoreError("damaged"), True),
        (InvalidByteRangeError("none"), False),
    ],
)
def test_some_failures_may_pass(error: Exception, expected: bool):
    assert may_pass(error) is expected


def test_a_broken_answer_has_no_status():
    broken = aiohttp.http_exceptions.ContentLengthError("cut")
    assert broken.code == 400
    assert http_status(caused(OSError(), broken)) is None


def test_what_an_error_was_caused_by_keeps_secrets():
    plain = caused(OSError("500"), ValueError("http://host/a"))
    assert speakable(plain) is plain
    for secret in ("http://me:canary@host/a", "http://host/a?sig=canary"):
        said = speakable(caused(OSError("500"), ValueError(secret)))
        assert "canary" not in "".join(traceback.format_exception(said))
        assert str(said) == "OSError: 500"


def test_how_often_it_was_tried_is_said():
    error = OSError("gone")
    error.add_note("after 5 tries in 3.0 s")
    assert plain_text(error) == "gone, after 5 tries in 3.0 s"
