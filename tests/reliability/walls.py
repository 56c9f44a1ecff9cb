"""The walls of the jail: run by path in new namespaces, it ends as the jailed program.

It uses nothing but the standard library, and imports nothing of this repository.

Source: mount(2), mount_setattr(2), prctl(2), user_namespaces(7), capabilities(7).
"""

import argparse
import ctypes
import os
import resource
import sys
from pathlib import Path

__all__ = ["NOBODY", "NO_WALLS", "main"]

NOBODY = 65534
NO_WALLS = 77
"""What it exits with where it may not do what it has to."""

_MS_BIND = 0x1000
# The same on every architecture.
_SYS_OPEN_TREE, _SYS_MOUNT_SETATTR = ctypes.c_long(428), ctypes.c_long(442)
_AT_FDCWD, _AT_RECURSIVE, _ATTR_RDONLY, _OPEN_TREE_CLONE = -100, 0x8000, 1, 1
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_CLONE_NEWUSER = 0x10000000
_MAX_PROCESSES, _MAX_FILE_NBYTES = 1024, 2**32

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")
    )


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def _mount(source: str, target: Path, kind: str, flags: int, options: str = "") -> None:
    words = [text.encode() for text in (source, str(target), kind)]
    result = _libc.mount(*words, ctypes.c_ulong(flags), options.encode())
    _checked(result, f"mount {target}")


def _set_attributes(path: Path, flags: int, attributes: _MountAttributes) -> None:
    result = _libc.syscall(
        _SYS_MOUNT_SETATTR,
        _AT_FDCWD,
        bytes(path),
        ctypes.c_uint(flags),
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    _checked(result, f"mount_setattr {path}")


def _shut(path: Path) -> Path | None:
    """Return the first folder above that not everybody may enter."""
    above = reversed(path.parents)
    return next((folder for folder in above if not folder.stat().st_mode & 0o001), None)


def _let_in(paths: list[Path]) -> None:
    """Let everybody come to some folders; what else is in a shut one is hidden.

    The shut folder is covered by an empty one, in which only these are.
    """
    opened = {path: os.open(path, os.O_PATH) for path in paths}
    for path, fd in opened.items():
        # Another shut folder may be below the first; after this there is none.
        while (folder := _shut(path)) is not None:
            _mount("jail", folder, "tmpfs", 0, "mode=755,size=1m")
            if not path.exists():
                path.mkdir(parents=True)
        path.mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{fd}", path, "", _MS_BIND)
        os.close(fd)


def _proc_that_stays_writable() -> int:
    """Return a view of /proc in no folder, which no wall closes; see `_become_nobody`."""
    flags = ctypes.c_uint(_OPEN_TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC)
    fd: int = _libc.syscall(_SYS_OPEN_TREE, _AT_FDCWD, b"/proc", flags)
    _checked(min(fd, 0), "open_tree")
    return fd


def _become_nobody(proc: int) -> None:
    if _has_others():
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        _drop_bounds()
        os.setresuid(NOBODY, NOBODY, NOBODY)
    else:
        # The root of a namespace of one user: a namespace in it, in which it is nobody.
        _checked(_libc.unshare(_CLONE_NEWUSER), "unshare")
        for name in ("uid_map", "gid_map"):
            fd = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
            os.write(fd, f"{NOBODY} 0 1".encode())
            os.close(fd)
        _drop_bounds()
    os.close(proc)
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def _has_others() -> bool:
    """Whether this is a root that can become another user."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    ranges = [[int(word) for word in line.split()] for line in lines]
    return any(first <= NOBODY < first + count for first, _, count in ranges)


def _drop_bounds() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _checked(_libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "drop capabilities")


def _build(place: Path, visible: list[Path]) -> None:
    if _has_others():
        os.chown(place, NOBODY, NOBODY)
    _let_in([*visible, place])
    _set_attributes(Path("/"), _AT_RECURSIVE, _MountAttributes(set=_ATTR_RDONLY))
    _set_attributes(place, 0, _MountAttributes(clear=_ATTR_RDONLY))
    for kind, most in (
        (resource.RLIMIT_NPROC, _MAX_PROCESSES),
        (resource.RLIMIT_FSIZE, _MAX_FILE_NBYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def main() -> None:
    """Build the walls, become nobody, and go on as the program that was named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("place", type=Path)
    parser.add_argument("--visible", type=Path, action="append", default=[])
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    folder = Path.cwd()
    try:
        proc = _proc_that_stays_writable()
        _build(arguments.place, arguments.visible)
        os.chdir(folder)
        _become_nobody(proc)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(NO_WALLS)
    os.execv(arguments.command[0], arguments.command)  # noqa: S606 -- no shell


if __name__ == "__main__":
    main()
