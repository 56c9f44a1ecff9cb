"""Each extra works alone: with what it declares, and with no other package."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.packaging.declared import link, run
from tests.records import ROOT

SMOKE = (Path(__file__).with_name("smoke.py")).read_text()

SCRIPTS = {
    "fsspec": """
import asyncio, zstore
async def main():
    store = zstore.FsspecStore.from_url("memory://a")
    await store.set("a/b", b"value")
    print(await store.getsize_prefix("a"))
asyncio.run(main())
""",
    "s3": """
import asyncio, sys, zstore
async def main():
    options = {"anon": True, "endpoint_url": sys.argv[1]}
    store = zstore.FsspecStore.from_url("s3://bucket/root", options)
    print(len(await store.get_bytes("a/b")))
asyncio.run(main())
""",
    "http": """
import asyncio, sys, zstore
async def main():
    store = await zstore.open_store(sys.argv[1] + "/bucket/root")
    print(len(await store.get_bytes("a/b")))
asyncio.run(main())
""",
    "obstore": """
import asyncio, obstore.store, zstore
async def main():
    store = zstore.ObjectStore(obstore.store.MemoryStore())
    await store.set("a/b", b"value")
    print(await store.getsize_prefix("a"))
asyncio.run(main())
""",
    "upath": """
import asyncio, upath, zstore
async def main():
    store = await zstore.open_store(upath.UPath("memory://a"), mode="a")
    await store.set("a/b", b"value")
    print(await store.getsize_prefix("a"))
asyncio.run(main())
""",
    "zarr": """
import zarr, zstore
array = zarr.create_array(zstore.as_zarr(zstore.MemoryStore()), shape=5, dtype="i1")
array[:] = 1
print(array[:].sum())
""",
    "widgets": """
import zstore, zstore_widgets
view = zstore_widgets.explore(zstore.MemoryStore())
print(len([view]) + 4)
""",
    "cli": """
import sys, zstore.cli
from pathlib import Path
Path("root/a").mkdir(parents=True)
Path("root/a/b").write_bytes(b"value")
sys.argv = ["zstore", "du", "root"]
zstore.cli.main()
print(5)
""",
    "inventory": """
import asyncio, zstore
from zstore.inventory import Inventory
async def main():
    store = zstore.MemoryStore()
    await store.set("a/b", b"value")
    snapshot = await Inventory.scan(store)
    print(snapshot.total().nbytes)
asyncio.run(main())
""",
    "dask": """
import asyncio, zstore
from distributed import Client
from zstore.inventory import Inventory
async def main(client):
    store = zstore.LocalStore("root")
    await store.set("a/b", b"value")
    snapshot = await Inventory.scan(store, client=client)
    print(snapshot.total().nbytes)
with Client(processes=False, dashboard_address=None, n_workers=1) as client:
    asyncio.run(main(client))
""",
    "lab": """
import sys, jupyterlab, nest_asyncio, zstore.cli
sys.argv = ["zstore", "lab", "--help"]
try:
    zstore.cli.main()
except SystemExit as ended:
    assert not ended.code
print(5)
""",
}
"""By extra; each ends with a line that says 5, the size of a value."""

# They need a device, or only gather others.
NOT_ALONE = {"gpu12", "gpu13", "gds", "tutorials", "all", "test", "benchmark"} | {
    "lint",
    "docs",
    "dev",
}


def test_every_extra_is_tried():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert SCRIPTS.keys() | NOT_ALONE == project["optional-dependencies"].keys()


def test_without_extras_local_memory_and_zip_stores_work(tmp_path: Path):
    link(frozenset(), tmp_path)
    assert "works on Python" in run(tmp_path, SMOKE)


def test_what_is_not_declared_is_not_found(tmp_path: Path):
    link(frozenset(), tmp_path)
    with pytest.raises(AssertionError, match="No module named 'fsspec'"):
        run(tmp_path, "import fsspec")


@pytest.mark.parametrize("extra", SCRIPTS)
def test_an_extra_works_alone(extra: str, tmp_path: Path, website: str):
    link(frozenset({extra}), tmp_path)
    said = run(tmp_path, SCRIPTS[extra], website)
    assert re.search(r"^5$", said, re.MULTILINE), said
