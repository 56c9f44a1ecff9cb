"""Every store and wrapper that has to keep the contract."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import zstore
from tests.fakes import DictStore, RecordingStore
from tests.servers import S3Server
from zstore import MemoryStore, Store

__all__ = ["BROKEN", "CASES", "DEVICE_CASES", "KEY_CASES", "S3_CASES"]


def _obstore(name: str, *args: Any, **kwargs: Any) -> Any:
    return getattr(importlib.import_module("obstore.store"), name)(*args, **kwargs)


# A new store or wrapper joins the contract by adding one line here. Each makes a store on
# an empty place; `tmp` is an empty folder.
CASES: dict[str, Callable[[Path], Store]] = {
    "dict": lambda _: DictStore(),
    "memory": lambda _: MemoryStore(),
    "local": lambda tmp: zstore.LocalStore(tmp / "store"),
    "local-durable": lambda tmp: zstore.LocalStore(tmp / "store", durable=True),
    "local-links": lambda tmp: zstore.LocalStore(tmp / "store", follow_symlinks=True),
    "zip": lambda tmp: zstore.ZipStore(tmp / "a.zip", mode="w"),
    "wrapper": lambda _: zstore.WrapperStore(MemoryStore()),
    "wrapper-local": lambda tmp: zstore.WrapperStore(zstore.LocalStore(tmp / "store")),
    "logging": lambda _: zstore.LoggingStore(MemoryStore(), log_level="CRITICAL"),
    "latency": lambda _: zstore.LatencyStore(MemoryStore(), latency=0),
    "prefix": lambda _: zstore.PrefixStore(MemoryStore(), "some/prefix"),
    "prefix-local": lambda tmp: zstore.PrefixStore(zstore.LocalStore(tmp / "s"), "some/p"),
    "fsspec-local": lambda tmp: zstore.FsspecStore.from_url(f"file://{tmp}/store"),
    "fsspec-memory": lambda _: zstore.FsspecStore.from_url(f"memory://{uuid4().hex}/store"),
    "object-memory": lambda _: zstore.ObjectStore(_obstore("MemoryStore")),
    "object-local": lambda tmp: zstore.ObjectStore(
        _obstore("LocalStore", tmp / "store", mkdir=True)
    ),
}

# Stores on an S3 server of the test, which has an empty bucket.
S3_CASES: dict[str, Callable[[S3Server], Store]] = {
    "s3-fsspec": lambda s3: zstore.FsspecStore.from_url(
        f"s3://{s3.bucket}/root", s3.fsspec_options
    ),
    "s3-object": lambda s3: zstore.ObjectStore(
        _obstore("S3Store", s3.bucket, prefix="root", **s3.obstore_options)
    ),
}

# Stores in device memory: simulated in host memory, which is no GPU, and on a GPU.
DEVICE_CASES: dict[str, Callable[[], Store]] = {
    "gpu-memory": zstore.GpuMemoryStore,
    "prefix-gpu": lambda: zstore.PrefixStore(zstore.GpuMemoryStore(), "some/prefix"),
}

# Stores in memory, which texts that are no keys cannot lead anywhere.
KEY_CASES: dict[str, Callable[[Path], Store]] = {
    "recording": lambda _: RecordingStore(),
    "wrapped recording": lambda _: zstore.WrapperStore(RecordingStore()),
    "memory": CASES["memory"],
    "logging": CASES["logging"],
    "latency": CASES["latency"],
    "prefix": CASES["prefix"],
}

# Promises that a store cannot keep, and why; a test fails if it keeps one after all.
BROKEN: dict[tuple[str, str], str] = {
    (
        "object-memory",
        "a_pickled_store_is_the_same_store_elsewhere",
    ): "obstore's MemoryStore lives in one process",
    (
        "object-memory",
        "a_store_in_use_can_be_pickled",
    ): "obstore's MemoryStore lives in one process",
}
