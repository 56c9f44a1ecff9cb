"""Metadata documents: JSON that somebody else wrote, made safe to look at.

What leaves here has a bounded depth, no number that is not finite, and only texts that
UTF-8 can encode: it can be compared, shown and sent on without a second thought.
"""

import json
import re
from collections.abc import Iterable
from math import isfinite
from reprlib import Repr
from typing import Any, Final, TypeGuard

from zstore.errors import CorruptStoreError

__all__ = [
    "MAX_METADATA_NBYTES",
    "METADATA_NAMES",
    "is_list",
    "is_object",
    "parse_document",
    "shown",
]

METADATA_NAMES: Final = frozenset(
    {"zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata", "attributes.json"}
)
"""The last segments of keys that hold metadata, and no chunk."""

MAX_METADATA_NBYTES: Final = 4 * 2**20
"""No larger metadata document is read; a real one has some kilobytes."""

_MAX_DEPTH = 100
_NESTED = (dict, list)
# Far below the number of digits from which Python refuses to convert (CVE-2020-10735).
_MAX_DIGITS = 1000
# Half of a pair of UTF-16, perhaps without the other half.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

_repr = Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 60


def shown(value: object) -> str:
    """Return `value` in a few words, for a sentence about it."""
    return _repr.repr(value)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether `value` is what JSON calls an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell whether `value` is what JSON calls an array."""
    return isinstance(value, list)


def parse_document(content: bytes, limit: int = MAX_METADATA_NBYTES) -> dict[str, Any]:
    """Return the JSON object in `content`.

    Parameters
    ----------
    content
        Any bytes.
    limit
        The largest number of bytes that is looked at.

    Returns
    -------
    dict
        Nested at most 100 deep. Numbers that are not finite, and integers of more than
        1000 digits, are the text that stood there.

    Raises
    ------
    CorruptStoreError
        If it is too large, no JSON in UTF-8, no object, or nested too deep.
    """
    if len(content) > limit:
        msg = f"it has more than the {limit} bytes that are read of metadata"
        raise CorruptStoreError(msg)
    try:
        value = _loads(content.decode("utf-8"))
        _check_depth(value)
        if _SURROGATE.search(content):
            value = _without_lone_surrogates(value)
    except (ValueError, RecursionError) as error:
        if isinstance(error, CorruptStoreError):
            raise
        reason = "it is nested too deep" if isinstance(error, RecursionError) else error
        msg = f"it is no JSON: {reason}"
        raise CorruptStoreError(msg) from error
    if not is_object(value):
        msg = f"it is no JSON object, it is {shown(value)}"
        raise CorruptStoreError(msg)
    return value


def _loads(text: str) -> object:
    value: object = json.loads(
        text, parse_int=_integer, parse_float=_number, parse_constant=str
    )
    return value


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _MAX_DIGITS else text


def _number(text: str) -> float | str:
    # 1e999 is JSON, and infinite in Python.
    number = float(text)
    return number if isfinite(number) else text


def _check_depth(value: object) -> None:
    level: list[Any] = [value] if type(value) in _NESTED else []
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in _children(parent)
            if type(child) in _NESTED
        ]
        if not level:
            return
    msg = f"it is nested more than {_MAX_DEPTH} levels deep"
    raise CorruptStoreError(msg)


def _children(parent: Any) -> Iterable[Any]:
    return parent.values() if is_object(parent) else parent


def _without_lone_surrogates(value: object) -> object:
    text = json.dumps(value, ensure_ascii=False)
    return _loads(text.encode("utf-8", "replace").decode("utf-8"))
