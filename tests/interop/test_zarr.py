import subprocess
import sys

import pytest
from zarr.storage import MemoryStore as ZarrMemoryStore

from zstore import MemoryStore, as_zarr, from_zarr
from zstore.errors import InvalidTypeError, ReadOnlyError
from zstore.interop.zarr_adapter import ZarrAdapter
from zstore.interop.zarr_backed import ZarrBackedStore


def test_both_ways_and_back_is_where_one_started():
    ours, theirs = MemoryStore(), ZarrMemoryStore()
    assert from_zarr(as_zarr(ours)) is ours
    assert as_zarr(from_zarr(theirs)) is theirs


def test_read_only_goes_with_the_store():
    ours, theirs = MemoryStore(read_only=True), ZarrMemoryStore(read_only=True)
    assert as_zarr(ours).read_only
    assert from_zarr(theirs).read_only


async def test_a_lock_on_one_side_is_not_lost_by_going_back():
    ours, theirs = MemoryStore(), ZarrMemoryStore()
    reader = from_zarr(as_zarr(ours).with_read_only(True))
    assert reader.read_only
    assert isinstance(reader, MemoryStore)
    locked = as_zarr(from_zarr(theirs).with_read_only())
    assert isinstance(locked, ZarrAdapter)
    with pytest.raises(ReadOnlyError):
        await locked.delete("a")


@pytest.mark.parametrize("other", [None, {}, "memory://", ZarrMemoryStore()])
def test_as_zarr_takes_stores_of_ours_only(other: object):
    with pytest.raises(InvalidTypeError, match=r"as_zarr takes a zstore.Store, got"):
        as_zarr(other)  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [None, {}, "memory://", MemoryStore()])
def test_from_zarr_takes_zarr_stores_only(other: object):
    with pytest.raises(InvalidTypeError, match=r"from_zarr takes a zarr.abc.store.Store"):
        from_zarr(other)  # type: ignore[arg-type]


def test_the_kinds_are_named():
    assert isinstance(as_zarr(MemoryStore()), ZarrAdapter)
    assert isinstance(from_zarr(ZarrMemoryStore()), ZarrBackedStore)


def python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_importing_zstore_imports_no_zarr():
    code = "import sys, zstore; zstore.MemoryStore(); print('zarr' in sys.modules)"
    assert python(code) == "False\n"


def test_without_zarr_the_error_names_the_extra():
    code = """
import sys
sys.modules["zarr"] = None
import zstore
try:
    zstore.as_zarr
except zstore.errors.MissingDependencyError as error:
    print(error.extra, "zstore[zarr]" in str(error), type(error.__cause__).__name__)
"""
    assert python(code) == "zarr True ModuleNotFoundError\n"
