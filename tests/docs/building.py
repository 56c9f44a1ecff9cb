"""The hooks that build the documentation, loaded as MkDocs does: by their paths."""

import importlib.util
from pathlib import Path
from types import ModuleType

__all__ = ["ROOT", "hook"]

ROOT = Path(__file__).parents[2]


def hook(name: str) -> ModuleType:
    path = ROOT / "docs/building" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"docs_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
