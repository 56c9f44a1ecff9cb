"""The package of the widgets: what it offers, and what is in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import zstore_widgets

ROOT = Path(__file__).parents[2]


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_it_offers_what_it_says():
    for name in zstore_widgets.__all__:
        assert getattr(zstore_widgets, name).__name__ == name
    assert set(zstore_widgets.__all__) <= set(dir(zstore_widgets))


def test_a_wrong_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Explorer'"):
        zstore_widgets.Explorer  # noqa: B018


def test_importing_it_imports_no_widget_library():
    code = "import sys, zstore_widgets; print({'ipywidgets', 'anywidget'} & {*sys.modules})"
    assert run(code) == "set()"


def test_importing_its_views_imports_no_zarr_and_no_gpu():
    code = (
        "import sys, zstore_widgets as w\n"
        "[getattr(w, name) for name in w.__all__]\n"
        "print({'zarr', 'cupy', 'fsspec'} & {*sys.modules})"
    )
    assert run(code) == "set()"


def test_without_the_widget_libraries_it_names_the_extra():
    code = (
        "import sys\n"
        "sys.modules['anywidget'] = None\n"
        "import zstore_widgets\n"
        "try:\n"
        "    zstore_widgets.explore\n"
        "except ImportError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    told = run(code)
    assert told.startswith("MissingDependencyError")
    assert "zstore[widgets]" in told


def test_the_wheel_holds_the_bundle_and_the_commands(tmp_path: Path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        views = ("buffer_inspector", "call_monitor", "size_map", "store_explorer")
        bundles = [f"zstore_widgets/static/{name}" for name in views]
        assert {f"{name}.js" for name in bundles} <= names
        assert {f"{name}.css" for name in bundles} <= names
        assert not [name for name in names if "node_modules" in name or "/src/" in name]
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        told = archive.read(entry_points).decode()
    assert "zstore = zstore.cli:main" in told
    assert "explorer = zstore_widgets:explore" in told
