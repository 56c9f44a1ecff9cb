"""The notebook that ``zstore lab`` opens."""

from typing import Any

from zstore.stores.failures import redact

__all__ = ["STORE_VARIABLE", "has_secrets", "notebook"]

STORE_VARIABLE = "ZSTORE_LAB_STORE"
"""The environment variable that holds a STORE whose text may not be written down."""


def has_secrets(place: str) -> bool:
    """Tell whether a URL has a user name, a password or a query, as signed ones do."""
    return redact(place) != place


def notebook(place: str | None) -> dict[str, Any]:
    """Return a notebook that explores a store, as JSON (nbformat 4.5).

    Parameters
    ----------
    place
        A path or URL; it is written as a literal of Python. One with secrets is not in
        the notebook: the kernel finds it in `STORE_VARIABLE`. None for the demo store.
    """
    return {
        "cells": [
            _markdown("intro", _INTRO),
            _code("explore", _explore(place)),
            _markdown("more", _MORE),
            _code("sizes", _SIZES),
            _markdown("calls-text", _CALLS_TEXT),
            _code("calls", _CALLS),
            _code("work", _WORK),
        ],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


_INTRO = """\
# What is in this store?

Run the cells from top to bottom with <kbd>Shift</kbd>+<kbd>Enter</kbd>. The store is only
read: nothing here changes it."""

_EXPLORE = """\
{imports}import zstore
{more}from zstore_widgets import CallMonitor, SizeMap, explore

{store}
explore(store)"""

_OPEN = 'store = await zstore.open_store(place, mode="r")'

_MORE = """\
## How large is every part?

It counts while you watch, and can be stopped at any time."""

_SIZES = "SizeMap(store)"

_CALLS_TEXT = """\
## What does my code ask of the store?

Put a `LoggingStore` around it, and use that one in your code: each call shows below."""

_CALLS = """\
watched = zstore.LoggingStore(store, log_level="WARNING")
CallMonitor(watched)"""

_WORK = """\
names = sorted([name async for name in watched.list_dir("")])
names[:20]"""


def _explore(place: str | None) -> str:
    if place is None:
        demo = "from zstore.demo import demo_store\n"
        return _EXPLORE.format(imports="", more=demo, store="store = await demo_store()")
    if has_secrets(place):
        comment = "# It has a password or a signature, which is not written down."
        secret = f'{comment}\nplace = os.environ["{STORE_VARIABLE}"]\n{_OPEN}'
        return _EXPLORE.format(imports="import os\n\n", more="", store=secret)
    # repr: whatever the text holds, it stays a text.
    named = f"place = {place!r}\n{_OPEN}"
    return _EXPLORE.format(imports="", more="", store=named)


def _markdown(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _code(name: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }
