"""From metadata documents to a node; nothing is read here."""

from collections.abc import Callable, Mapping
from typing import Any

from zstore.errors import CorruptStoreError
from zstore.hierarchy.documents import METADATA_NAMES, is_object, parse_document, shown
from zstore.hierarchy.n5 import is_n5_array, n5_array, n5_attributes
from zstore.hierarchy.nodes import ArrayMetadata, Node
from zstore.hierarchy.v2 import v2_array
from zstore.hierarchy.v3 import v3_array
from zstore.keys import prefix_of

__all__ = ["node_of", "parse_node"]


def parse_node(path: str, documents: Mapping[str, bytes]) -> Node | None:
    """Return the group or array that metadata documents describe.

    Parameters
    ----------
    path
        Where the documents lie: ``""`` is the root.
    documents
        By the last segment of their keys, one of `METADATA_NAMES`; others are left
        aside. Of ``.zmetadata`` only the presence counts.

    Returns
    -------
    Node or None
        None if none of the documents makes a node. If more than one format is there,
        Zarr v3 is taken first and N5 last. Whatever the documents hold, nothing is
        raised: what cannot be understood is said in `Node.problem`.

    Examples
    --------
    >>> node = parse_node("air", {".zgroup": b'{"zarr_format": 2}', ".zattrs": b"{]"})
    >>> node.kind, node.format
    ('group', 'zarr2')
    >>> node.problem
    "'air/.zattrs' is not understood: it is no JSON: Expecting property name enclosed \
in double quotes: line 1 column 2 (char 1)"
    """
    contents: dict[str, object] = {}
    for name in METADATA_NAMES & documents.keys():
        try:
            whole = name != ".zmetadata"
            contents[name] = parse_document(documents[name]) if whole else {}
        except CorruptStoreError as error:
            contents[name] = error
    return node_of(path, contents)


def node_of(path: str, contents: Mapping[str, object]) -> Node | None:
    """Return the group or array that the JSON in metadata documents describes.

    Parameters
    ----------
    path
        Where the documents lie.
    contents
        JSON values, or why there is none, by the names of the documents.
    """
    found = _Found(path.removesuffix("/"), contents)
    if "zarr.json" in contents:
        return found.zarr3()
    if {".zarray", ".zgroup", ".zmetadata"} & contents.keys():
        return found.zarr2()
    if "attributes.json" in contents:
        return found.n5()
    return None


class _Found:
    """What was found under one path; each method is one format, to be called once."""

    def __init__(self, path: str, contents: Mapping[str, object]) -> None:
        self._path = path
        self._contents = contents
        self._problems: list[str] = []

    def zarr3(self) -> Node:
        document = self._document("zarr.json")
        known = document or {}
        node_type = known.get("node_type")
        is_array = node_type == "array" or (node_type != "group" and "shape" in known)
        if document is not None:
            self._check_version("zarr.json", 3, document)
            if node_type not in ("group", "array"):
                self._add("zarr.json", f"its node_type {shown(node_type)} is not known")
        return Node(
            self._path,
            "array" if is_array else "group",
            "zarr3",
            self._attributes(known),
            self._array("zarr.json", lambda: v3_array(known)) if is_array else None,
            self._keys("zarr.json"),
            is_object(known.get("consolidated_metadata")),
            self._problem,
        )

    def zarr2(self) -> Node:
        is_array = ".zarray" in self._contents
        used = ".zarray" if is_array else ".zgroup"
        document = self._document(used)
        if document is not None:
            self._check_version(used, 2, document)
        attributes = self._document(".zattrs") or {}
        array: ArrayMetadata | None = None
        if is_array and document is not None:
            array = self._array(used, lambda: v2_array(document, attributes))
        return Node(
            self._path,
            "array" if is_array else "group",
            "zarr2",
            attributes,
            array,
            self._keys(used, ".zattrs", ".zmetadata"),
            ".zmetadata" in self._contents and not is_array,
            self._problem,
        )

    def n5(self) -> Node:
        document = self._document("attributes.json") or {}
        is_array = is_n5_array(document)
        return Node(
            self._path,
            "array" if is_array else "group",
            "n5",
            n5_attributes(document),
            self._array("attributes.json", lambda: n5_array(document))
            if is_array
            else None,
            self._keys("attributes.json"),
            problem=self._problem,
        )

    @property
    def _problem(self) -> str | None:
        return "; ".join(self._problems) or None

    def _add(self, name: str, reason: object) -> None:
        key = prefix_of(self._path) + name
        self._problems.append(f"{key!r} is not understood: {reason}")

    def _keys(self, *names: str) -> tuple[str, ...]:
        below = prefix_of(self._path)
        return tuple(below + name for name in names if name in self._contents)

    def _document(self, name: str) -> dict[str, Any] | None:
        """Return a document; None if it is missing, or no object, which is said then."""
        if name not in self._contents:
            return None
        value = self._contents[name]
        if is_object(value):
            return value
        unreadable = isinstance(value, CorruptStoreError)
        self._add(
            name, value if unreadable else f"it is no JSON object, it is {shown(value)}"
        )
        return None

    def _check_version(self, name: str, version: int, document: dict[str, Any]) -> None:
        found = document.get("zarr_format")
        if found != version:
            self._add(name, f"its zarr_format is {shown(found)}, and not {version}")

    def _attributes(self, document: dict[str, Any]) -> dict[str, Any]:
        attributes = document.get("attributes", {})
        if is_object(attributes):
            return attributes
        self._add("zarr.json", f"its attributes are no JSON object: {shown(attributes)}")
        return {}

    def _array(self, name: str, parse: Callable[[], ArrayMetadata]) -> ArrayMetadata | None:
        try:
            return parse()
        except CorruptStoreError as error:
            self._add(name, error)
            return None
