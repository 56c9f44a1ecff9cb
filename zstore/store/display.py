"""How a store shows itself at the end of a cell of a notebook."""

import importlib
from collections.abc import Collection
from typing import Any

__all__ = ["Displayed"]


class Displayed:
    """What notebooks ask an object for; see `zstore.display.mimebundle`."""

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        # By name, when it is called: `zstore.display` stands above the stores, which it
        # lists, and nobody outside of a notebook needs it.
        display: Any = importlib.import_module("zstore.display")
        bundle: tuple[dict[str, Any], dict[str, Any]]
        bundle = display.mimebundle(self, include, exclude)
        return bundle
