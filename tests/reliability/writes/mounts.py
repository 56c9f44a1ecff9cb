"""File systems of our own, in a mount namespace that goes with its process."""

import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.reliability.apart import apart

__all__ = ["ALONE", "can_mount", "disk_image", "mounted", "unmounted"]

ALONE = ("unshare", "--mount", "--propagation", "private")
"""Runs a command whose mounts nobody else sees; for root."""


def disk_image(path: Path, nbytes: int) -> None:
    """Make a file that holds an empty ext4 file system."""
    with path.open("wb") as image:
        image.truncate(nbytes)
    subprocess.run(["mkfs.ext4", "-q", "-F", path], check=True)


@contextmanager
def mounted(what: Path | str, at: Path, kind: str, options: str) -> Generator[Path]:
    """Mount a file system, and unmount it in the end."""
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", kind, "-o", options, what, at], check=True)
    try:
        yield at
    finally:
        unmounted(at)


def unmounted(at: Path) -> None:
    """Unmount what is mounted somewhere, as soon as nobody uses it."""
    subprocess.run(["umount", "--lazy", at], check=True)


@cache
def can_mount(kind: str) -> bool:
    """Tell whether this process may mount a file system of a kind: ``tmpfs``, ``ext4``."""
    try:
        return apart(_tries, kind, within=ALONE)
    except (OSError, subprocess.SubprocessError):
        return False


def _tries(kind: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        try:
            if kind == "tmpfs":
                with mounted("none", place / "on", "tmpfs", "size=1m"):
                    return True
            disk_image(place / "image", 2**22)
            with mounted(place / "image", place / "on", "ext4", "loop"):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False
