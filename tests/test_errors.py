"""Each error says what happened, is the builtin one would catch, and travels."""

import builtins
import pickle
import re

import pytest

from zstore import MemoryStore, errors
from zstore.errors import ZStoreError

STORE = MemoryStore({})
MADE: dict[type[ZStoreError], ZStoreError] = {
    type(error): error
    for error in (
        ZStoreError("anything"),
        errors.InvalidKeyError("a//b", "it has an empty segment"),
        errors.OutsideRootError("a/link"),
        errors.InvalidByteRangeError("no byte"),
        errors.InvalidModeError("no mode"),
        errors.InvalidTypeError("no text"),
        errors.KeyNotFoundError("some/key"),
        errors.KeyExistsError("some/key", STORE),
        errors.KeyConflictError("some/key", "a folder is there"),
        errors.StoreNotFoundError("/some/root"),
        errors.StoreExistsError("/some/root"),
        errors.ReadOnlyError(STORE, "set"),
        errors.StoreClosedError(STORE),
        errors.UnsupportedError(STORE, "listing", "it has no keys"),
        errors.MissingDependencyError("fsspec", extra="fsspec"),
        errors.GpuUnavailable("cupy is not installed", "install it"),
        errors.DeviceMemoryError(1 << 40, "cuda:0", "pool 5 used of 7"),
        errors.SyncError("would wait for itself"),
        errors.CallTimeoutError("get('a')", 2.5),
        errors.CorruptStoreError("bad bytes"),
        errors.SnapshotError("another store"),
        errors.AccessDeniedError("some/key", "403"),
        errors.BackendError("some/key", "500"),
        errors.BackendTimeoutError("some/key", "10 s"),
    )
}


def tree() -> dict[str, str]:
    """Read each class and its builtin from the tree at the top of the module."""
    lines = re.findall(
        r"^[ │├└─]*(\w+Error|GpuUnavailable)(?: +(\w+))?(?:  |$)",
        errors.__doc__ or "",
        re.MULTILINE,
    )
    return {name: builtin for name, builtin in lines if name != "ZStoreError"}


def test_the_tree_at_the_top_shows_every_class():
    defined = {
        name
        for name in errors.__all__
        if isinstance(getattr(errors, name), type)
        and issubclass(getattr(errors, name), ZStoreError)
    }
    assert {*tree(), "ZStoreError"} == defined
    assert {cls.__name__ for cls in MADE} == defined


@pytest.mark.parametrize(("name", "builtin"), tree().items())
def test_a_class_is_the_builtin_that_the_tree_says(name: str, builtin: str):
    cls = getattr(errors, name)
    assert issubclass(cls, ZStoreError)
    if hasattr(builtins, builtin):
        assert issubclass(cls, getattr(builtins, builtin))
    else:  # a class below another
        assert len(cls.__mro__) > 3


@pytest.mark.parametrize("error", MADE.values(), ids=lambda e: type(e).__name__)
def test_an_error_survives_pickling(error: ZStoreError):
    error.add_note("a note")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 -- made here

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.args == error.args
    assert vars(copy) == vars(error)


def test_a_missing_gpu_is_a_package_that_failed_to_import_and_a_failed_device():
    error = MADE[errors.GpuUnavailable]
    assert isinstance(error, errors.MissingDependencyError)
    assert isinstance(error, ImportError)
    assert isinstance(error, RuntimeError)
    assert str(error) == "no GPU: cupy is not installed; install it"
    assert str(errors.GpuUnavailable("why", "")) == "no GPU: why"


@pytest.mark.parametrize(
    ("cls", "data"),
    {
        errors.InvalidKeyError: "'a//b'",
        errors.OutsideRootError: "'a/link'",
        errors.KeyNotFoundError: "'some/key'",
        errors.KeyExistsError: "'some/key'",
        errors.KeyConflictError: "a folder is there",
        errors.StoreNotFoundError: "/some/root",
        errors.StoreExistsError: "/some/root",
        errors.ReadOnlyError: "set on memory://",
        errors.StoreClosedError: "memory://",
        errors.UnsupportedError: "listing: it has no keys",
        errors.MissingDependencyError: "pip install 'zstore[fsspec]'",
        errors.GpuUnavailable: "cupy is not installed; install it",
        errors.DeviceMemoryError: "1,099,511,627,776 bytes do not fit on cuda:0: pool 5",
        errors.CallTimeoutError: "2.5 s",
        errors.AccessDeniedError: "403",
        errors.BackendError: "500",
        errors.BackendTimeoutError: "10 s",
    }.items(),
)
def test_the_sentence_holds_the_data(cls: type[ZStoreError], data: str):
    assert data in str(MADE[cls])


def test_an_error_without_a_reason_has_no_empty_one():
    assert str(errors.UnsupportedError("s", "x")) == "s does not support x"


def test_the_texts_that_zarr_users_match_are_there():
    with pytest.raises(ValueError, match="store was opened in read-only mode and does not"):
        raise MADE[errors.ReadOnlyError]
