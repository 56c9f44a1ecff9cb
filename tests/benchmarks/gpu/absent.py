"""A plugin of pytest: empty modules for what servers are made of, where it is missing.

No test on a device uses a server, but most stand in files, or beside a conftest.py, that
import one.
"""

import importlib.util
import sys
from collections.abc import MutableSequence, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from zstore._compat import override

__all__ = ["ABSENT"]

_SERVERS = ("aiohttp", "boto3", "fsspec", "moto", "obstore", "werkzeug")

ABSENT = frozenset(name for name in _SERVERS if importlib.util.find_spec(name) is None)


class _Nothing(type):
    """A class, and every name in it is one of these."""

    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(name, (), {})


class _Empty(ModuleType):
    """A module in which every name is a class, for annotations and to be a base."""

    __path__: MutableSequence[str] = []  # noqa: RUF012 -- as of every module

    @override
    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(name, (), {})


class _Finder(MetaPathFinder, Loader):
    """Finds what is absent."""

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in ABSENT:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    @override
    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


sys.meta_path.append(_Finder())
