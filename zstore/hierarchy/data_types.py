"""Names of data types, as people say them, and the bytes of an element."""

import re
from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple

from zstore.errors import CorruptStoreError
from zstore.hierarchy.documents import is_list, is_object, shown
from zstore.hierarchy.fields import lengths_in

__all__ = ["DataType", "v2_data_type", "v3_data_type"]

_MAX_NAME = 200
_MAX_ITEMSIZE = 2**40

# The array protocol of NumPy, which Zarr v2 follows.
_TYPESTR = re.compile(
    r"[<>|=]?(?P<kind>[?biufcmMOSUV])(?P<size>[0-9]{0,9})(?:\[(?P<unit>[0-9]{0,9}\w{1,7})\])?"
)
_NUMBERS = {"i": "int", "u": "uint", "f": "float", "c": "complex"}
_TIMES = {"M": "datetime64", "m": "timedelta64"}
_SIZED = re.compile(r"(?:u?int|float|complex|r)(?P<bits>[0-9]{1,6})")
_TIME_NAMES = ("numpy.datetime64", "numpy.timedelta64")
_STRUCTURES = ("structured", "struct")
# The letter of NumPy, and the bytes of a character.
_FIXED = {
    "fixed_length_utf32": ("U", 4),
    "null_terminated_bytes": ("S", 1),
    "raw_bytes": ("V", 1),
}
_SAID = {"variable_length_bytes": "bytes", "variable_length_utf8": "string"}
_OTHERS = {"bool": 1, "bfloat16": 2}
_STRINGS = {"vlen-utf8": "string", "vlen-bytes": "bytes"}


class DataType(NamedTuple):
    """What an element of an array is.

    Attributes
    ----------
    name
        As people say it.
    itemsize
        Bytes of an element; None if that varies or is not known.
    """

    name: str
    itemsize: int | None


def v2_data_type(value: object, filters: tuple[str, ...] = ()) -> DataType:
    """Return the data type that Zarr v2 writes so: a text, or a list of fields.

    Parameters
    ----------
    value
        The field ``dtype``.
    filters
        Names of the filters: they say what an object is.

    Raises
    ------
    CorruptStoreError
        If it is neither.

    Examples
    --------
    >>> v2_data_type("<f4"), v2_data_type("|O", ("vlen-utf8",))
    (DataType(name='float32', itemsize=4), DataType(name='string', itemsize=None))
    """
    if is_list(value):
        return _structure([_v2_field(item) for item in value])
    if not isinstance(value, str):
        msg = f"its dtype must be a text or a list of fields, not {shown(value)}"
        raise CorruptStoreError(msg)
    match = _TYPESTR.fullmatch(value)
    if match is None:
        return DataType(_short(value), None)
    return _of_kind(match["kind"], int(match["size"] or 0), match["unit"], filters)


def _of_kind(kind: str, size: int, unit: str | None, filters: tuple[str, ...]) -> DataType:
    if kind == "O":
        texts = [_STRINGS[name] for name in filters if name in _STRINGS]
        return DataType(texts[0] if texts else "object", None)
    if kind in "b?":
        return DataType("bool", 1)
    if kind in _TIMES:
        return DataType(_TIMES[kind] + (f"[{unit}]" if unit else ""), 8)
    if kind in _NUMBERS:
        return DataType(f"{_NUMBERS[kind]}{8 * size}", size)
    return DataType(f"{kind}{size}", 4 * size if kind == "U" else size)


def _v2_field(item: object) -> tuple[str, DataType]:
    if not is_list(item) or len(item) not in (2, 3) or not isinstance(item[0], str):
        msg = f"its dtype has a field that is none: {shown(item)}"
        raise CorruptStoreError(msg)
    part = v2_data_type(item[1])
    if len(item) == 2:  # noqa: PLR2004 -- a name and a type; a shape may follow
        return item[0], part
    shape = lengths_in({"dtype": item[2]}, "dtype")
    itemsize = None if part.itemsize is None else part.itemsize * prod(shape)
    return item[0], DataType(f"{part.name}{list(shape)}", itemsize)


def v3_data_type(value: object) -> DataType:
    """Return the data type that Zarr v3 writes so: a name, perhaps with a configuration.

    Raises
    ------
    CorruptStoreError
        If it has no name.

    Notes
    -----
    Names that nobody knows are kept as they are. Source: Zarr v3 core, "Data types", and
    the extensions that zarr-python writes.

    Examples
    --------
    >>> v3_data_type("int16")
    DataType(name='int16', itemsize=2)
    >>> seconds = {"unit": "s", "scale_factor": 1}
    >>> v3_data_type({"name": "numpy.datetime64", "configuration": seconds}).name
    'datetime64[s]'
    """
    configuration: object = {}
    name: object = value
    if is_object(value):
        name, configuration = value.get("name"), value.get("configuration", {})
    if not isinstance(name, str) or not is_object(configuration):
        msg = f"its data_type has no name: {shown(value)}"
        raise CorruptStoreError(msg)
    fields = configuration.get("fields")
    if name in _TIME_NAMES:
        return _time(name.removeprefix("numpy."), configuration)
    if name in _FIXED:
        return _fixed(name, configuration.get("length_bytes"))
    if name in _STRUCTURES and is_list(fields):
        return _structure([_v3_field(item) for item in fields])
    return DataType(_SAID.get(name, _short(name)), _itemsize(name))


def _time(name: str, configuration: Mapping[str, Any]) -> DataType:
    unit, step = configuration.get("unit"), configuration.get("scale_factor", 1)
    if not isinstance(unit, str) or unit == "generic":
        return DataType(name, 8)
    steps = "" if step == 1 else shown(step)
    return DataType(f"{name}[{steps}{_short(unit)}]", 8)


def _fixed(name: str, nbytes: object) -> DataType:
    if type(nbytes) is not int or not 0 <= nbytes < _MAX_ITEMSIZE:
        return DataType(name, None)
    letter, width = _FIXED[name]
    return DataType(f"{letter}{nbytes // width}", nbytes)


def _v3_field(item: object) -> tuple[str, DataType]:
    # Drafts of the extension differ in how they write a field.
    pair = [item.get("name"), item.get("data_type")] if is_object(item) else item
    if not is_list(pair) or len(pair) != 2 or not isinstance(pair[0], str):  # noqa: PLR2004 -- name and type
        msg = f"its data_type has a field that is none: {shown(item)}"
        raise CorruptStoreError(msg)
    return pair[0], v3_data_type(pair[1])


def _itemsize(name: str) -> int | None:
    match = _SIZED.fullmatch(name)
    if match is None:
        return _OTHERS.get(name)
    bits = int(match["bits"])
    return bits // 8 if bits and bits % 8 == 0 else None


def _structure(fields: list[tuple[str, DataType]]) -> DataType:
    sizes = [part.itemsize for _, part in fields]
    known = [size for size in sizes if size is not None]
    itemsize = sum(known) if len(known) == len(sizes) else None
    if itemsize is not None and itemsize >= _MAX_ITEMSIZE:
        itemsize = None
    text = ", ".join(f"{_short(name)}: {part.name}" for name, part in fields)
    return DataType(_short(f"{{{text}}}"), itemsize)


def _short(text: str) -> str:
    return text if len(text) <= _MAX_NAME else f"{text[: _MAX_NAME - 1]}…"
