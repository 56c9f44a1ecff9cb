"""Every error that zstore raises, drawn as a tree.

Each class is also the builtin that a user of ``zarr.storage`` would catch::

    ZStoreError
    ├── InvalidKeyError            ValueError         the name is no key or prefix
    │   └── OutsideRootError                          ... its path leads out of the root
    ├── InvalidByteRangeError      ValueError         the range asks for no byte
    ├── InvalidModeError           ValueError         a store cannot be opened in that mode
    ├── InvalidTypeError           TypeError          the argument is of the wrong kind
    ├── KeyNotFoundError           FileNotFoundError  nothing is stored under the key
    ├── KeyExistsError             FileExistsError    there is already a value under the key
    ├── KeyConflictError           FileExistsError    a folder and a value need one name
    ├── StoreNotFoundError         FileNotFoundError  there is nothing at the root
    ├── StoreExistsError           FileExistsError    there is already something at the root
    ├── ReadOnlyError              ValueError         the store was opened for reading
    ├── StoreClosedError           ValueError         the store was closed before the call
    ├── UnsupportedError           NotImplementedError  this kind of store cannot do it
    ├── MissingDependencyError     ImportError        an optional package is not installed
    │   └── GpuUnavailable         RuntimeError       ... or no CUDA device works
    ├── DeviceMemoryError          MemoryError        a value does not fit on the device
    ├── SyncError                  RuntimeError       a synchronous call cannot be made here
    ├── CallTimeoutError           TimeoutError       a synchronous call took too long
    ├── CorruptStoreError          ValueError         stored bytes contradict themselves
    ├── SnapshotError              ValueError         the snapshot is not of this store
    ├── AccessDeniedError          PermissionError    the backend refused (403, EACCES)
    └── BackendError               OSError            the backend failed (500, EIO, ...)
        └── BackendTimeoutError    TimeoutError       ... it did not answer in time

A missing key is never confused with a failure: only `KeyNotFoundError` means missing.
"""

from zstore._compat import override

__all__ = [
    "AccessDeniedError",
    "BackendError",
    "BackendTimeoutError",
    "CallTimeoutError",
    "CorruptStoreError",
    "DeviceMemoryError",
    "GpuUnavailable",
    "InvalidByteRangeError",
    "InvalidKeyError",
    "InvalidModeError",
    "InvalidTypeError",
    "KeyConflictError",
    "KeyExistsError",
    "KeyNotFoundError",
    "MissingDependencyError",
    "OutsideRootError",
    "ReadOnlyError",
    "SnapshotError",
    "StoreClosedError",
    "StoreExistsError",
    "StoreNotFoundError",
    "SyncError",
    "UnsupportedError",
    "ZStoreError",
    "ZStoreWarning",
]


class ZStoreError(Exception):
    """The base of every error that zstore raises."""

    @override
    def __reduce__(self) -> tuple[object, ...]:
        # Most classes build their sentence from data, so the default way (calling the
        # class with the sentence) would fail in another process.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(
    cls: type[ZStoreError], args: tuple[object, ...], state: dict[str, object]
) -> ZStoreError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ZStoreWarning(UserWarning):
    """Something in a store was left out, or is slower than it could be."""


class InvalidKeyError(ZStoreError, ValueError):
    """The text is no key, or no prefix, of a store.

    Attributes
    ----------
    key
        What was given.
    """

    def __init__(self, key: object, reason: str) -> None:
        super().__init__(f"{key!r} is not a valid key: {reason}")
        self.key = key


class OutsideRootError(InvalidKeyError):
    """The key names a path that passes through a symbolic link."""

    def __init__(self, key: str) -> None:
        super().__init__(
            key,
            "it passes through a symbolic link, which could lead out of the root; "
            "LocalStore(root, follow_symlinks=True) follows links",
        )


class InvalidByteRangeError(ZStoreError, ValueError):
    """The byte range is malformed, or asks for no byte of the value."""


class InvalidModeError(ZStoreError, ValueError):
    """The mode is unknown, or the store cannot be opened in it."""


class InvalidTypeError(ZStoreError, TypeError):
    """An argument is of a kind that the call does not take."""


class KeyNotFoundError(ZStoreError, FileNotFoundError):
    """No value is stored under the key.

    Attributes
    ----------
    key
        The key that was asked for.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"no value is stored under {key!r}")
        self.key = key


class KeyExistsError(ZStoreError, FileExistsError):
    """A value is already stored under the key.

    Attributes
    ----------
    key
        The key that is taken.
    """

    def __init__(self, key: str, store: object) -> None:
        super().__init__(f"a value is already stored under {key!r} in {store}")
        self.key = key


class KeyConflictError(ZStoreError, FileExistsError):
    """A file system cannot hold a value and a folder of the same name."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"cannot store {key!r}: {reason}")
        self.key = key


class StoreNotFoundError(ZStoreError, FileNotFoundError):
    """The folder, archive or bucket that the store stands on does not exist."""

    def __init__(self, where: object) -> None:
        super().__init__(f"{where} does not exist")


class StoreExistsError(ZStoreError, FileExistsError):
    """The place where a new store was to be made is taken."""

    def __init__(self, where: object) -> None:
        super().__init__(f"{where} already exists")


class ReadOnlyError(ZStoreError, ValueError):
    """The store was opened for reading only."""

    def __init__(self, store: object, operation: str) -> None:
        super().__init__(
            "store was opened in read-only mode and does not support writing: "
            f"{operation} on {store}"
        )


class StoreClosedError(ZStoreError, ValueError):
    """The store was closed; a closed store stays closed."""

    def __init__(self, store: object) -> None:
        super().__init__(f"{store} is closed; open a new store on the same place")


class UnsupportedError(ZStoreError, NotImplementedError):
    """What was asked is beyond this kind of store."""

    def __init__(self, store: object, operation: str, reason: str = "") -> None:
        because = f": {reason}" if reason else ""
        super().__init__(f"{store} does not support {operation}{because}")


class MissingDependencyError(ZStoreError, ImportError):
    """An optional package is needed and not installed.

    Attributes
    ----------
    extra
        The extra of zstore that brings the package.
    """

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(
            f"this needs the package {package!r}: pip install 'zstore[{extra}]'"
        )
        self.extra = extra


class GpuUnavailable(MissingDependencyError, RuntimeError):  # noqa: N818 -- says what is so
    """There is no CuPy, or CuPy finds no CUDA device that works.

    Attributes
    ----------
    reason, hint
        What is missing, and what to do; `zstore.gpu.status` says the same.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__("cupy", extra="gpu13")
        self.reason, self.hint = reason, hint
        self.msg = f"no GPU: {reason}" + f"; {hint}" * bool(hint)
        self.args = (self.msg,)


class DeviceMemoryError(MemoryError, ZStoreError):  # in this order it can be pickled
    """A value did not fit into the memory of the device; the store is as it was.

    Attributes
    ----------
    nbytes, device, figures
        What was asked for, where, and what there is.
    """

    def __init__(self, nbytes: int, device: str, figures: str) -> None:
        super().__init__(f"{nbytes:,} bytes do not fit on {device}: {figures}")
        self.nbytes, self.device, self.figures = nbytes, device, figures


class SyncError(ZStoreError, RuntimeError):
    """A synchronous call was made where it would wait for itself forever."""


class CallTimeoutError(ZStoreError, TimeoutError):
    """A synchronous call was cancelled, because it took longer than it was given.

    Attributes
    ----------
    seconds
        What it was given.
    """

    def __init__(self, call: str, seconds: float) -> None:
        super().__init__(f"{call} did not end within {seconds} s and was cancelled")
        self.seconds = seconds


class CorruptStoreError(ZStoreError, ValueError):
    """Stored bytes contradict what the store says about them."""


class SnapshotError(ZStoreError, ValueError):
    """The snapshot is of another store, of another version, or not there."""


class AccessDeniedError(ZStoreError, PermissionError):
    """The backend refused the request; the key may well exist."""

    def __init__(self, key: str, reason: object) -> None:
        super().__init__(f"access to {key!r} was denied: {reason}")
        self.key = key


class BackendError(ZStoreError, OSError):
    """The backend failed; whether the key exists is not known."""

    def __init__(self, key: str, reason: object) -> None:
        super().__init__(f"the backend failed on {key!r}: {reason}")
        self.key = key


class BackendTimeoutError(BackendError, TimeoutError):
    """The backend did not answer in time."""
