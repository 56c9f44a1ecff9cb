"""A real zarr array on our LocalStore, through `as_zarr`, and on zarr's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import zarr
import zarr.storage

from tests.benchmarks.timing import Comparison, compare
from zstore import LocalStore, as_zarr

__all__ = ["run"]

_SHAPE, _CHUNKS = (4000, 4000), (100, 100)


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare writing and reading 1,600 chunks of 40 kB."""
    data = np.random.default_rng(0).random(_SHAPE, dtype=np.float32)
    homes = {"zarr": folder / "theirs", "zstore": folder / "ours"}
    stores = {
        "zarr": zarr.storage.LocalStore(homes["zarr"]),
        "zstore": as_zarr(LocalStore(homes["zstore"])),
        # What zarr itself takes, with hardly a store below it.
        "zarr in memory": zarr.storage.MemoryStore(),
    }
    for compressors, label in ((None, "raw"), ("auto", "zstd")):

        def write(name: str, compressors: object = compressors) -> None:
            if name in homes:
                shutil.rmtree(homes[name], ignore_errors=True)
            array = zarr.create_array(
                stores[name],
                shape=_SHAPE,
                chunks=_CHUNKS,
                dtype="f4",
                compressors=compressors,  # type: ignore[arg-type]
                overwrite=True,
            )
            array[:] = data

        def read(name: str) -> None:
            zarr.open_array(stores[name], mode="r")[:]

        for verb, action in (("write", write), ("read", read)):
            yield compare(
                Comparison(f"{verb} 1,600 {label} chunks through as_zarr", "zarr", 0.8),
                {name: lambda n=name, a=action: a(n) for name in stores},  # type: ignore[misc]
                rounds=max(3, rounds // 2),
            )
