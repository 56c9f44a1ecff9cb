"""A page of the reference for every public module, and links to it from everywhere.

A page names what is in ``__all__`` of its module; mkdocstrings takes the rest from the
docstrings.
"""

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from zstore import testing
from zstore.store import Lifecycle, Listing, Reading, Writing
from zstore.sync import SyncStore

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "widgets"))

MODULES = (
    "zstore",
    "zstore.buffer",
    "zstore.errors",
    "zstore.sync",
    "zstore.testing",
    "zstore.hierarchy",
    "zstore.inspection",
    "zstore.inventory",
    "zstore.gpu",
    "zstore.display",
    "zstore.demo",
    "zstore_widgets",
)

# The names of `zstore` in the order in which one meets them.
GROUPS = {
    "The interface": ("Store", "Entry", "Usage"),
    "Opening and copying": ("open_store", "StoreLike", "copy", "StorePath"),
    "Stores": (
        *("MemoryStore", "GpuMemoryStore", "LocalStore", "ZipStore"),
        *("FsspecStore", "ObjectStore"),
    ),
    "Wrappers": (
        *("WrapperStore", "LoggingStore", "LatencyStore", "PrefixStore"),
        "ReadOnlyStore",
    ),
    "Byte ranges": (
        *("ByteRequest", "RangeByteRequest", "OffsetByteRequest", "SuffixByteRequest"),
    ),
    "Values": ("Buffer", "NDBuffer", "BufferPrototype", "default_buffer_prototype"),
    "With zarr": ("as_zarr", "from_zarr"),
}

# Classes that are made of others, one a part of the interface; their members, in order.
OF_PARTS: dict[str, tuple[type, ...]] = {
    "zstore.Store": (Lifecycle, Reading, Writing, Listing),
    "zstore.sync.SyncStore": tuple(reversed(SyncStore.__mro__[:-1])),
}

_NAME = re.compile(
    r"(?P<skip><a\b.*?</a>|<pre\b.*?</pre>|<h\d\b.*?</h\d>|<summary\b.*?</summary>)"
    r"|<code>(?P<name>\w+(?:\.\w+)*)(?:\(\))?</code>",
    re.DOTALL,
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for every module."""
    for name in MODULES:
        content = page_of(name)
        files.append(File.generated(config, f"api/{name}.md", content=content))
    return files


def page_of(name: str) -> str:
    """Return the page of a module, for mkdocstrings to fill in."""
    module = importlib.import_module(name)
    options = ("heading_level: 1", "show_root_full_path: true", "members: false")
    # Without a title MkDocs would make one of the name of the file, in capitals.
    blocks = [f"---\ntitle: {name}\n---", _entry(name, *options)]
    for heading, members in _groups(name, module).items():
        blocks += [f"## {heading}", *(_entry(path_in(name, one)) for one in members)]
    modules = [one for one in module.__all__ if f"{name}.{one}" in MODULES]
    if modules:
        links = [f"- [`{name}.{one}`]({name}.{one}.md)" for one in modules]
        blocks += ["## Modules", "\n".join(links)]
    return "\n\n".join(blocks) + "\n"


def path_in(module: str, name: str) -> str:
    """Return the full name of what a public module exports.

    A function that has the name of the module it is in (`zstore.display.outline`) has to be
    told from that.
    """
    path = f"{module}.{name}"
    value = getattr(importlib.import_module(module), name)
    if not isinstance(value, ModuleType) and path in sys.modules:
        return f"{path}.{name}"
    return path


def _groups(name: str, module: ModuleType) -> dict[str, tuple[str, ...]]:
    names = {one for one in module.__all__ if f"{name}.{one}" not in MODULES}
    if name != "zstore":
        # Without headings of their own: there are few.
        order = [one for one in module.__all__ if one in names]
        return {"Contents": tuple(order)}
    grouped = {one for members in GROUPS.values() for one in members}
    if grouped != names:
        msg = f"GROUPS and zstore.__all__ differ by {sorted(grouped ^ names)}"
        raise ValueError(msg)
    return GROUPS


def _entry(path: str, *options: str) -> str:
    inherits = OF_PARTS.get(path)
    if inherits is not None:
        members = [name for part in inherits for name in vars(part) if name[0] != "_"]
        options = ("inherited_members: true", "summary: true", f"members: {members}")
    lines = [f"::: {path}"]
    if options:
        lines += ["    options:", *(f"      {option}" for option in options)]
    return "\n".join(lines)


def on_page_content(html: str, page: Page, **_: object) -> str:
    """Make a link of every name in `code` that the reference has."""
    here = page.file.src_uri.removeprefix("api/").removesuffix(".md")
    module = here if here in MODULES else "zstore"

    def linked(found: re.Match[str]) -> str:
        path = None if found["skip"] else path_of(found["name"], module)
        if path is None:
            return found[0]
        return f'<autoref optional identifier="{path}">{found[0]}</autoref>'

    return _NAME.sub(linked, html)


def path_of(name: str, module: str) -> str | None:
    """Return the full name that a text in `code` stands for, if it is one of ours.

    Parameters
    ----------
    name
        As written: ``LocalStore``, ``zstore.sync``, ``sync.run``, ``get_many``.
    module
        Whose page it stands on; its names come first.
    """
    first, _, rest = name.partition(".")
    if first in ("zstore", "zstore_widgets"):
        return name if _is_public(name) else None
    for place in (module, "zstore", "zstore.errors", "zstore_widgets"):
        if first in importlib.import_module(place).__all__:
            return ".".join(filter(None, (path_in(place, first), rest)))
    store = importlib.import_module("zstore").Store
    if not rest and not name.startswith("_") and hasattr(store, name):
        return f"zstore.Store.{name}"
    return None


def _is_public(name: str) -> bool:
    if name in MODULES:
        return name != "zstore"  # which is the name of the whole, too
    module = max(
        (one for one in MODULES if name.startswith(f"{one}.")), key=len, default=""
    )
    if not module:
        return False
    first = name.removeprefix(f"{module}.").partition(".")[0]
    return first in importlib.import_module(module).__all__


def on_page_markdown(markdown: str, **_: object) -> str:
    """List the promises of a store where a page asks for them."""
    return markdown.replace("<!-- promises -->", promises())


def promises() -> str:
    """Return the names of all checks of `zstore.testing` as sentences, by what they try."""
    lines: dict[str, list[str]] = {}
    for check in testing.CHECKS:
        topic = check.__module__.rpartition(".")[2].replace("_", " ")
        sentence = getattr(check, "__name__", repr(check)).replace("_", " ")
        lines.setdefault(topic, []).append(sentence)
    return "\n\n".join(
        f"**{topic.capitalize()}:** {'; '.join(sentences)}."
        for topic, sentences in lines.items()
    )
