"""Opening what lies below a root, without ever following a path out of it.

A checked key has no ``..``, so only a symbolic link could lead out. On Linux the kernel
refuses links while it resolves the path (``openat2``, RESOLVE_NO_SYMLINKS), and can be
told not to wait for the disk (RESOLVE_CACHED). Elsewhere the path is compared with its
resolved form first, which leaves a moment in which another process could put a link.

Source: openat2(2).
"""

import ctypes
import errno
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "CREATE",
    "LOOK",
    "READ",
    "WRITE",
    "Folder",
    "Root",
    "WouldWait",
    "check_names",
]

_SYS_OPENAT2 = ctypes.c_long(437)  # the same on every architecture
_AT_FDCWD = ctypes.c_int(-100)
_RESOLVE_NO_SYMLINKS = 0x04
_RESOLVE_CACHED = 0x20

# Opening a FIFO must not wait for a writer, nor a terminal become ours.
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_SAFE = (
    _CLOEXEC
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
READ = os.O_RDONLY | _SAFE
WRITE = os.O_WRONLY | _SAFE
CREATE = WRITE | os.O_CREAT | os.O_EXCL
# A descriptor that names the file and cannot read it; where there is none, one that can.
LOOK = os.O_PATH | _CLOEXEC if hasattr(os, "O_PATH") else READ
_HAS_DIR_FD = os.open in os.supports_dir_fd
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = LOOK | getattr(os, "O_DIRECTORY", 0)

# That of Linux, of macOS and of Windows, if all characters are ASCII.
_MAX_NAME_NBYTES = 255
_MAX_CHARACTER_NBYTES = 4


class WouldWait(Exception):  # noqa: N818 -- no failure: the same call works in a thread
    """The answer is not in the caches of the kernel."""


class _OpenHow(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


_SIZE_OF_HOW = ctypes.c_size_t(ctypes.sizeof(_OpenHow))


class _OpenAt2:
    """The system call, which Python does not have."""

    def __init__(self) -> None:
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall
        self._how: dict[tuple[int, int], tuple[ctypes.c_void_p, _OpenHow]] = {}

    def __call__(self, path: bytes, flags: int, resolve: int) -> int:
        """Return a descriptor, or the negative error number."""
        known = self._how.get((flags, resolve))
        if known is None:
            # The kernel refuses a mode for a file that is not to be made.
            made = _OpenHow(flags, 0o666 if flags & os.O_CREAT else 0, resolve)
            pointer = ctypes.cast(ctypes.pointer(made), ctypes.c_void_p)
            known = self._how[flags, resolve] = pointer, made
        how = known[0]
        # Arguments that are made once, of the right types, need no conversion.
        fd: int = self._syscall(_SYS_OPENAT2, _AT_FDCWD, path, how, _SIZE_OF_HOW)
        return fd if fd >= 0 else -ctypes.get_errno()


def _find_openat2() -> _OpenAt2 | None:
    if sys.platform != "linux":
        return None
    call = _OpenAt2()
    fd = call(b"/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, _RESOLVE_CACHED)
    if fd < 0:
        # An old kernel (before 5.12), or a sandbox that refuses the call.
        return None
    os.close(fd)
    return call


def check_names(key: str) -> None:
    """Refuse a key with a segment that is too long for the name of a file or folder.

    The system says so itself, but only once it comes to that name: below a folder that is
    missing the same key would be missing too.

    Raises
    ------
    OSError
        ENAMETOOLONG.
    """
    if len(key) * _MAX_CHARACTER_NBYTES <= _MAX_NAME_NBYTES:
        return
    if max(map(len, key.encode().split(b"/"))) > _MAX_NAME_NBYTES:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), key)


def _failure(number: int, key: str) -> OSError:
    """Return the error for a number of the system; what is missing has names that fit."""
    if number in (errno.ENOENT, errno.ENOTDIR):
        check_names(key)
    return OSError(number, os.strerror(number), key)


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder; names are used relative to it where the system can.

    Attributes
    ----------
    fd
        Its descriptor, or None where names cannot be relative to one.
    path
        Its path.
    """

    fd: int | None
    path: str

    def name(self, leaf: str) -> str:
        """Return what to pass to a call of `os` beside ``dir_fd=self.fd``."""
        return leaf if self.fd is not None else f"{self.path}/{leaf}"


class Root:
    """The folder that a store must not leave.

    Parameters
    ----------
    path
        Its path without symbolic links.
    follow_symlinks
        Whether links below it are followed wherever they lead.
    """

    def __init__(self, path: str, *, follow_symlinks: bool) -> None:
        self.path = path
        self.follow_symlinks = follow_symlinks
        self._prefix = os.fsencode(path.rstrip("/") + "/")
        self._openat2 = _find_openat2()
        self._resolve = 0 if follow_symlinks else _RESOLVE_NO_SYMLINKS
        # Until the file system says that it has none; see `zstore.stores.local.unnamed`.
        self.has_unnamed_files = True

    def path_of(self, key: str) -> str:
        """Return the path of a key or prefix, for messages and listings."""
        return f"{self.path.rstrip('/')}/{key}"

    def open_now(self, key: str, flags: int = READ) -> int:
        """Open a file, only if that needs nothing from the disk; see `open`.

        Raises
        ------
        WouldWait
            If it would, or if the system cannot tell.
        """
        if self._openat2 is None:
            raise WouldWait
        fd = self._openat2(
            self._prefix + key.encode(), flags, self._resolve | _RESOLVE_CACHED
        )
        if fd >= 0:
            return fd
        if fd == -errno.EAGAIN:
            raise WouldWait
        raise _failure(-fd, key)

    def open(self, key: str, flags: int = READ) -> int:
        """Open a file or folder below the root and return its descriptor.

        Raises
        ------
        OSError
            As `os.open` does; ELOOP if the path has a link and links are not followed.
        """
        if self._openat2 is not None:
            while (
                fd := self._openat2(self._prefix + key.encode(), flags, self._resolve)
            ) < 0:
                # The kernel asks to try again if a folder was renamed meanwhile.
                if fd != -errno.EAGAIN:
                    raise _failure(-fd, key)
            return fd
        check_names(key)
        path = self.path_of(key)
        if self.follow_symlinks:
            return os.open(path, flags, 0o666)
        if os.path.realpath(path) != os.path.normpath(path):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), key)
        return os.open(path, flags | _NOFOLLOW, 0o666)

    @contextmanager
    def folder(self, prefix: str) -> Generator[Folder]:
        """Open the folder of a prefix (empty, or ending in ``/``).

        Raises
        ------
        FileNotFoundError
            If it does not exist.
        NotADirectoryError
            If a part of it is a file.
        OSError
            ELOOP if a part of it is a link and links are not followed.
        """
        fd = self._open_folder(prefix)
        try:
            yield Folder(fd, self.path_of(prefix).rstrip("/"))
        finally:
            if fd is not None:
                os.close(fd)

    def _open_folder(self, prefix: str) -> int | None:
        if _HAS_DIR_FD:
            return self.open(prefix, _FOLDER)
        path = self.path_of(prefix).rstrip("/")
        if not self.follow_symlinks and os.path.realpath(path) != os.path.normpath(path):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), prefix)
        with os.scandir(path):
            return None

    def make_folder(self, prefix: str) -> None:
        """Make the folder of a prefix, and those above it, unless they exist.

        Raises
        ------
        NotADirectoryError
            If a part of it is a file.
        OSError
            ELOOP if a part of it is a link and links are not followed.
        """
        # Down from the deepest folder that exists: making a path in one call could
        # make folders at the far end of a link.
        missing: list[str] = []
        while True:
            try:
                with self.folder(prefix):
                    break
            except FileNotFoundError:
                if not prefix:
                    Path(self.path).mkdir(parents=True, exist_ok=True)
                    break
                prefix, _, name = prefix[:-1].rpartition("/")
                prefix = f"{prefix}/" if prefix else ""
                missing.append(name)
        for name in reversed(missing):
            with self.folder(prefix) as above, suppress(FileExistsError):
                os.mkdir(above.name(name), dir_fd=above.fd)
            prefix = f"{prefix}{name}/"
