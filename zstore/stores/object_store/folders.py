"""Empty folders that obstore leaves on a local disk."""

from contextlib import suppress
from pathlib import Path

__all__ = ["remove_empty"]


def remove_empty(root: Path, key: str) -> None:
    """Remove the folders above a deleted key that are empty now, never the root.

    They would refuse a value of their name, and show in listings.
    """
    *parents, _ = key.split("/")
    with suppress(OSError):
        while parents:
            root.joinpath(*parents).rmdir()
            parents.pop()
