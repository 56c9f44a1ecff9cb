"""Promises about texts that are no keys.

They are apart from the others (`zstore.testing.KEY_CHECKS`): a store that breaks them
might remove files outside its root. Run them on stores in memory, or over a backend that
only records; every store that derives from `BaseStore` has the same checks in front.
"""

from typing import Any

from zstore.errors import InvalidKeyError, InvalidTypeError
from zstore.store import Store
from zstore.testing.calls import CHANGING, LISTING, READING
from zstore.testing.promises import Check, gather, promise, refused, same

__all__ = ["BAD_KEYS", "CHECKS"]

BAD_KEYS = (
    "/",
    "//",
    "/a",
    "/etc/passwd",
    "//server/share",
    "a//b",
    "a/b//",
    ".",
    "..",
    "./a",
    "../a",
    "a/./b",
    "a/../b",
    "a/..",
    "a/.",
    "a/../../../etc/passwd",
    "a\\b",
    "..\\a",
    "\\\\server\\share",
    "C:",
    "C:/a",
    "c:a",
    "a\0b",
    "\0",
    "a\nb",
    "a\x7fb",
    "a/\ud800",
    "a.zstore-partial",
    "d.zstore-partial/a",
)
"""Texts that are neither a key nor a prefix."""

_NO_TEXT: tuple[Any, ...] = (None, 5, b"a", ("a",), True)

# The only texts that are a prefix and no key, or are no key by their end.
_PREFIXES_ONLY = ("", "a/", "a/b/")


async def _unchanged(store: Store) -> None:
    if store.supports_listing:
        same(sorted(await gather(store.list())), ["a", "b/c"], "list() after bad keys")
    same(await store.get_bytes("b/c"), b"2", "get() after bad keys")


async def _fill(store: Store) -> None:
    await store.set_many({"a": b"1", "b/c": b"2"})


@promise("writes")
async def bad_keys_are_refused_by_every_call(store: Store) -> None:
    """With an `InvalidKeyError`, which is a `ValueError`; nothing else happens."""
    await _fill(store)
    for key in BAD_KEYS:
        for name, call in {**READING, **CHANGING}.items():
            with refused(InvalidKeyError, f"{name}({key!r})"):
                await call(store, key)
    await _unchanged(store)


@promise("writes")
async def a_prefix_is_not_taken_for_a_key(store: Store) -> None:
    """``delete("")`` and ``delete("a/")`` remove nothing."""
    await _fill(store)
    for key in _PREFIXES_ONLY:
        for name, call in {**READING, **CHANGING}.items():
            if name != "delete_dir":
                with refused(InvalidKeyError, f"{name}({key!r})"):
                    await call(store, key)
    await _unchanged(store)


@promise("writes", "listing")
async def bad_prefixes_are_refused_by_every_listing(store: Store) -> None:
    """They are no way out of the root either."""
    await _fill(store)
    for prefix in BAD_KEYS:
        for name, call in LISTING.items():
            with refused(InvalidKeyError, f"{name}({prefix!r})"):
                await call(store, prefix)


@promise("writes")
async def what_is_no_text_is_refused(store: Store) -> None:
    """With an `InvalidTypeError`, which is a `TypeError`."""
    await _fill(store)
    for key in _NO_TEXT:
        for name, call in {**READING, **CHANGING, **LISTING}.items():
            if name in LISTING and not store.supports_listing:
                continue
            with refused(InvalidTypeError, f"{name}({key!r})"):
                await call(store, key)
    await _unchanged(store)


CHECKS: tuple[Check, ...] = (
    bad_keys_are_refused_by_every_call,
    a_prefix_is_not_taken_for_a_key,
    bad_prefixes_are_refused_by_every_listing,
    what_is_no_text_is_refused,
)
"""Every promise of this module."""
