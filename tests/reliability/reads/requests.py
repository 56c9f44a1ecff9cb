"""A byte range in the words of each system; what is asked for here may be odd."""

import importlib
from typing import Any, Literal, TypeAlias

from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.peers import ObstoreHandle, ZarrHandle
from zstore.ranges import OffsetByteRequest, RangeByteRequest, SuffixByteRequest

__all__ = ["Request", "asked", "expected", "is_too_large"]

Form: TypeAlias = Literal["range", "offset", "suffix"]
Request: TypeAlias = tuple[Form, tuple[Any, ...]]
"""A form with its numbers, two for ``"range"`` and one for the others; or what is none."""


def is_too_large(request: Request) -> bool:
    """Whether a number is larger than any place in a file; ours refuse that."""
    return any(type(number) is int and number >= 2**63 for number in request[1])


def expected(value: bytes, request: Request) -> bytes | None:
    """Return the bytes that are asked for, found one by one; None if there are none."""
    form, numbers = request
    # Not isinstance: True is no number of bytes.
    if any(type(number) is not int or number < 0 for number in numbers):
        return None
    size = len(value)
    match form, numbers:
        case "range", (start, end):
            inside = [i for i in range(size) if start <= i < end]
        case "offset", (offset,):
            inside = [i for i in range(size) if offset <= i]
        case _, (suffix,):
            inside = [i for i in range(size) if size - suffix <= i]
        case _:
            raise ValueError(request)
    return bytes(value[i] for i in inside) or None


async def asked(handle: Handle, key: str, request: Request) -> bytes | None:
    """Ask a system for a part of a value, in its own words."""
    match handle:
        case ZStoreHandle():
            kinds = (RangeByteRequest, OffsetByteRequest, SuffixByteRequest)
            found = await handle.store.get(key, byte_range=_made(kinds, request))
            return None if found is None else found.to_bytes()
        case ZarrHandle():
            zarr = importlib.import_module("zarr.abc.store")
            core = importlib.import_module("zarr.core.buffer")
            kinds = (
                zarr.RangeByteRequest,
                zarr.OffsetByteRequest,
                zarr.SuffixByteRequest,
            )
            prototype = core.default_buffer_prototype()
            made = _made(kinds, request)
            found = await handle.store.get(key, prototype, byte_range=made)
            return None if found is None else bytes(found.to_bytes())
        case ObstoreHandle():
            return await _of_obstore(handle, key, request)
        case _:
            # TensorStore reads whole values only, in Python.
            raise TypeError(handle)


def _made(kinds: tuple[Any, Any, Any], request: Request) -> Any:
    form, numbers = request
    return kinds[("range", "offset", "suffix").index(form)](*numbers)


async def _of_obstore(handle: ObstoreHandle, key: str, request: Request) -> bytes | None:
    obstore = importlib.import_module("obstore")
    form, numbers = request
    if form == "range":
        start, end = numbers
        part = await obstore.get_range_async(handle.store, key, start=start, end=end)
        return bytes(part)
    options = {"range": {form: numbers[0]}}
    found = await obstore.get_async(handle.store, key, options=options)
    return bytes(await found.bytes_async())
