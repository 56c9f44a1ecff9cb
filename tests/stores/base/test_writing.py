"""What `BaseStore` checks before a hook writes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from tests.fakes import DictStore
from zstore._compat import override
from zstore.buffer import cpu
from zstore.errors import (
    InvalidByteRangeError,
    InvalidKeyError,
    InvalidTypeError,
    UnsupportedError,
)
from zstore.stores.hooks import Part


class Parts(DictStore):
    """Records the parts that reach it."""

    _can_write_parts = True

    @override
    async def _write_parts(self, parts: Mapping[str, Sequence[Part]]) -> None:
        self.parts = {k: [(at, bytes(data)) for at, data in v] for k, v in parts.items()}


async def test_parts_reach_the_backend_by_key_and_as_bytes():
    store = Parts()
    array = np.arange(2, dtype="<u2")
    given: list[Any] = [("a", 0, b"x"), ("b", 2, bytearray(b"yz")), ("a", 1, array)]
    given.append(("b", 9, cpu.Buffer(b"!")))
    await store.set_partial_values(given)
    assert store.parts == {
        "a": [(0, b"x"), (1, b"\0\0\1\0")],
        "b": [(2, b"yz"), (9, b"!")],
    }


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (InvalidByteRangeError, [("a", 0, b"xy"), ("a", 1, b"z")]),
        (InvalidByteRangeError, [("a", 1, b"z"), ("a", 0, b"xy")]),
        (InvalidByteRangeError, [("a", 0, b"xyz"), ("a", 1, b"")]),
        (InvalidByteRangeError, [("a", -1, b"x")]),
        (InvalidByteRangeError, [("a", 2**63 - 1, b"x")]),
        (InvalidByteRangeError, [("a", "0", b"x")]),
        (InvalidByteRangeError, [("a", 1.0, b"x")]),
        (InvalidTypeError, [("a", 0, "x")]),
        (InvalidTypeError, [("a", 0, None)]),
        (InvalidKeyError, [("", 0, b"x")]),
    ],
)
async def test_bad_parts_never_reach_the_backend(error: type[Exception], parts: Any):
    store = Parts()
    with pytest.raises(error):
        await store.set_partial_values([("ok", 0, b"x"), *parts])
    assert not hasattr(store, "parts")


async def test_the_default_hook_for_parts_refuses():
    class Claims(DictStore):
        _can_write_parts = True

    with pytest.raises(UnsupportedError):
        await Claims().set_partial_values([("a", 0, b"x")])


async def test_a_mapping_that_is_no_dict_can_be_stored():
    class Items:
        def items(self) -> list[tuple[str, bytes]]:
            return [("a", b"1")]

    store = DictStore()
    await store.set_many(Items())  # type: ignore[arg-type]
    assert store.values == {"a": b"1"}


async def test_the_message_for_a_bad_value_names_class_and_method():
    for name in ("set", "set_if_not_exists", "set_many"):
        text = rf"DictStore\.{name}\(\): `value` must be a Buffer instance"
        with pytest.raises(InvalidTypeError, match=text):
            await CHANGING_WITH[name](DictStore())


CHANGING_WITH: dict[str, Any] = {
    "set": lambda store: store.set("a", "text"),
    "set_if_not_exists": lambda store: store.set_if_not_exists("a", "text"),
    "set_many": lambda store: store.set_many({"a": "text"}),
}
