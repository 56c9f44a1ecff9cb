"""A real tree of files, as zarr writes it: many small folders."""

from pathlib import Path

__all__ = ["plant"]

_PER_FOLDER = 9
_FOLDERS_PER_ARRAY = 100


def plant(root: Path, nfiles: int) -> None:
    """Make a folder with so many files of 0 to 100 bytes, nine in a folder."""
    content = bytes(100)
    for number in range(nfiles):
        folder, name = divmod(number, _PER_FOLDER)
        array, row = divmod(folder, _FOLDERS_PER_ARRAY)
        path = root / f"array_{array:04}" / "c" / str(row)
        if not name:
            path.mkdir(parents=True)
        (path / str(name)).write_bytes(content[: number % 100])
