"""What users import is there, documented, and light."""

import ast
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

import zstore

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(zstore.__path__, prefix="zstore.")
)
# Loaded by nobody who only imports zstore.
HEAVY = (
    "aiohttp", "anywidget", "boto3", "botocore", "cupy", "dask", "fsspec", "hypothesis",
    "ipywidgets", "nest_asyncio", "obstore", "pytest", "s3fs", "upath", "xarray", "zarr",
)  # fmt: skip


def public(module: ModuleType) -> list[tuple[str, Any]]:
    """Return the names that a module says it offers, and defines itself."""
    named = [(name, getattr(module, name)) for name in getattr(module, "__all__", [])]
    return [(n, v) for n, v in named if getattr(v, "__module__", None) == module.__name__]


def test_every_public_name_is_there_and_listed_once():
    homes = [name for names in zstore._HOMES.values() for name in names]
    assert sorted([*homes, *zstore._MODULES]) == zstore.__all__
    assert set(zstore.__all__) <= set(dir(zstore))


@pytest.mark.parametrize("name", zstore.__all__)
def test_a_public_name_is_what_its_home_has(name: str):
    value = getattr(zstore, name)
    if name in zstore._MODULES:
        assert value is importlib.import_module(f"zstore.{name}")
    else:
        home = importlib.import_module(zstore._HOME_OF[name])
        assert value is getattr(home, name)
        assert name in home.__all__


def test_type_checkers_are_told_the_same_as_the_interpreter():
    source = inspect.getsource(zstore)
    block = source[source.index("if TYPE_CHECKING:") : source.index("# Where each name")]
    for home, names in zstore._HOMES.items():
        line = block[block.index(f"from {home} import") :]
        told = line[: line.index("\n    from") if "\n    from" in line else None]
        assert all(name in told for name in names), home


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'zstore' has no attribute 'nothing'"):
        zstore.nothing  # noqa: B018 -- the access is the test


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_offers_and_why_it_is_there(name: str):
    module = importlib.import_module(name)
    assert module.__doc__
    if _only_holds_modules(module):
        return
    offered = module.__all__
    assert len(offered) == len(set(offered))
    assert [n for n in offered if not hasattr(module, n)] == []
    defined = {
        n
        for n, value in vars(module).items()
        if not n.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == name
    }
    # A check is offered in a tuple of them.
    checks = {n for n in defined if vars(module)[n] in getattr(module, "CHECKS", ())}
    assert defined - checks <= set(offered), "public by name and not in __all__"


def _only_holds_modules(module: ModuleType) -> bool:
    return len(ast.parse(inspect.getsource(module)).body) == 1


@pytest.mark.parametrize("name", ["zstore", *MODULES])
def test_everything_public_is_documented(name: str):
    silent: list[str] = []
    for label, value in public(importlib.import_module(name)):
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        if not inspect.getdoc(value):
            silent.append(label)
        if inspect.isclass(value):
            silent += [f"{label}.{n}" for n in vars(value) if _is_silent(value, n)]
    assert silent == []


def _is_silent(cls: type, name: str) -> bool:
    member = inspect.getattr_static(cls, name)
    member = getattr(member, "fget", None) or getattr(member, "__func__", member)
    if name.startswith("_") or not inspect.isfunction(member):
        return False
    # An override has the text of what it overrides.
    texts = (inspect.getdoc(getattr(base, name, None)) for base in cls.__mro__)
    return not any(texts)


IMPORT = """
import json, sys
from time import process_time
start = process_time()
import zstore
seconds = process_time() - start
loaded = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"seconds": seconds, "loaded": loaded}))
"""


def in_a_new_process(program: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        check=True,
        text=True,
        timeout=100,
    )
    return json.loads(done.stdout)


def test_importing_zstore_is_quick_and_loads_nothing_heavy():
    runs = [in_a_new_process(IMPORT) for _ in range(5)]
    assert set(HEAVY).isdisjoint(runs[0]["loaded"])
    assert "numpy" not in runs[0]["loaded"]
    # Quick is less than one module of Python needs, on the same machine.
    other = [in_a_new_process(IMPORT.replace("zstore", "asyncio")) for _ in range(5)]
    assert min(run["seconds"] for run in runs) < min(run["seconds"] for run in other)


USE = """
import asyncio, json, sys
import zstore
from zstore import MemoryStore, LocalStore, Store, RangeByteRequest, errors, buffer, testing

async def use():
    store = MemoryStore()
    await store.set("a/b", b"0123")
    await store.get("a/b", byte_range=RangeByteRequest(1, 3))
    return [key async for key in store.list()]

asyncio.run(use())
asyncio.run(testing.check_store(MemoryStore, testing.CHECKS[:3]))
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_using_a_store_in_memory_loads_nothing_heavy():
    assert set(HEAVY).isdisjoint(in_a_new_process(USE))


OPTIONAL = {
    "FsspecStore": "fsspec",
    "ObjectStore": "obstore",
    "GpuMemoryStore": "cupy",
    "ZipStore": "fsspec",
    "open_store": "fsspec",
    "sync": "nest_asyncio",
    "copy": "fsspec",
}


@pytest.mark.parametrize(("name", "package"), OPTIONAL.items())
def test_naming_it_needs_no_optional_package(name: str, package: str):
    program = (
        "import json, sys\n"
        f"sys.modules[{package!r}] = None\n"  # as if it were not installed
        f"import zstore\nzstore.{name}\n"
        "print(json.dumps(True))"
    )
    assert in_a_new_process(program)


@pytest.mark.parametrize("name", ["as_zarr", "from_zarr"])
def test_a_bridge_says_what_to_install_for_it(name: str):
    program = (
        "import json, sys\n"
        "sys.modules['zarr'] = None\n"
        "import zstore\n"
        f"try:\n    zstore.{name}\n"
        "except ImportError as error:\n    print(json.dumps(str(error)))"
    )
    assert "pip install 'zstore[zarr]'" in in_a_new_process(program)
