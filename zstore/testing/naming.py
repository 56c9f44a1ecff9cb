"""Promises about names: every character of a key stands for itself."""

import unicodedata

from zstore.store import Store
from zstore.testing.promises import Check, gather, promise, same

__all__ = ["CHECKS"]

# Each with a neighbour that it would hit if it were a pattern or an escape.
_LITERAL = {
    "g/*": "g/x",
    "g/?": "g/y",
    "g/[ab]": "g/a",
    "g/{a,b}": "g/b",
    "g/a%20b": "g/a b",
    "g/a%2Fb": "g/aFb",
    "g/a+b": "g/a b",
    "g/a#b": "g/aab",
    "g/~": "g/~~",
    "g/$HOME": "g/HOME",
    "g/a&b=c": "g/a",
    "g/a;b": "g/a",
    "g/a:b": "g/ab",
    "g/a'b\"c": "g/abc",
    "g/^a|b!@(c)<d>,`e`": "g/e",
    "g/...": "g/..a",
    "g/.hidden": "g/hidden",
    "g/-r": "g/--r",
    "g/__init__": "g/__",
    "g/é": "g/e",
    "g/数据/层": "g/数据/x",
    "g/\U0001f600": "g/\U0001f601",
}


@promise("writes")
async def every_character_of_a_key_is_literal(store: Store) -> None:
    """No pattern, no escape, no shell, no home folder."""
    for i, (odd, neighbour) in enumerate(_LITERAL.items()):
        await store.set(neighbour, b"neighbour")
        await store.set(odd, f"value {i}".encode())
        same(await store.get_bytes(neighbour), b"neighbour", f"get({neighbour!r})")
        same(await store.get_bytes(odd), f"value {i}".encode(), f"get({odd!r})")
        same(await store.getsize(odd), len(f"value {i}"), f"getsize({odd!r})")
        if store.supports_deletes:
            await store.delete(odd)
            same(await store.exists(odd), False, f"exists({odd!r}) after delete()")
            same(await store.exists(neighbour), True, f"exists({neighbour!r}) beside it")


@promise("writes", "listing")
async def odd_names_are_listed_as_they_were_set(store: Store) -> None:
    """As keys, as names of a level, and as prefixes."""
    await store.set_many(dict.fromkeys(_LITERAL, b"x"))
    same(sorted(await gather(store.list())), sorted(_LITERAL), "list() of odd names")
    names = {key.split("/")[1] for key in _LITERAL}
    same(sorted(await gather(store.list_dir("g"))), sorted(names), "list_dir('g')")
    for key in _LITERAL:
        same(await gather(store.list_prefix(key)), [key], f"list_prefix({key!r})")
    for folder in ("p*", "p [q]", "p%41", "p#"):
        await store.set(f"{folder}/x", b"1")
        same(await gather(store.list_dir(folder)), ["x"], f"list_dir({folder!r})")
        same(await store.getsize_prefix(folder), 1, f"getsize_prefix({folder!r})")
        if store.supports_deletes:
            await store.delete_dir(folder)
            same(await store.is_empty(folder), True, f"is_empty({folder!r})")


@promise("writes", "listing")
async def a_prefix_is_no_pattern(store: Store) -> None:
    """``_`` and ``%`` stand for themselves, which they do not in SQL's ``LIKE``."""
    neighbours = {"run_1": "run-1", "50%": "50 of 100"}
    for folder, neighbour in neighbours.items():
        key, other = f"{folder}/x", f"{neighbour}/x"
        await store.set_many({key: b"1", other: b"22"})
        found = sorted(await gather(store.list_prefix(folder)))
        same(found, [key], f"list_prefix({folder!r})")
        same(await gather(store.list_dir(folder)), ["x"], f"list_dir({folder!r})")
        same(await store.getsize_prefix(folder), 1, f"getsize_prefix({folder!r})")
        if store.supports_deletes:
            await store.delete_dir(folder)
            said = f"exists({other!r}) after delete_dir({folder!r})"
            same(await store.exists(other), True, said)


@promise("writes", "listing")
async def spellings_of_one_letter_are_different_keys(store: Store) -> None:
    """Composed and decomposed letters differ; some file systems of macOS disagree."""
    composed = unicodedata.normalize("NFC", "u/é")
    decomposed = unicodedata.normalize("NFD", "u/é")
    await store.set(composed, b"one")
    same(await store.get(decomposed), None, "get() of another spelling")
    await store.set(decomposed, b"two, longer")
    same(await store.get_bytes(composed), b"one", "get() of the composed spelling")
    same(await store.get_bytes(decomposed), b"two, longer", "get() of the decomposed one")
    found = sorted(await gather(store.list()))
    same(found, sorted([composed, decomposed]), "list() of two spellings")


@promise("writes")
async def case_matters(store: Store) -> None:
    """`A` and `a` are two keys; some file systems of macOS and Windows differ."""
    await store.set("c/A", b"upper")
    same(await store.exists("c/a"), False, "exists() of a key in another case")
    await store.set("c/a", b"lower")
    same(await store.get_bytes("c/A"), b"upper", "get() of a key in upper case")
    if store.supports_listing:
        await store.set("C/x", b"above")
        same(sorted(await gather(store.list_prefix("C"))), ["C/x"], "list_prefix('C')")


@promise("writes")
async def keys_may_be_deep_and_long(store: Store) -> None:
    """30 segments; names of 200 bytes."""
    for key in ("/".join("abc" for _ in range(30)), "long/" + "n" * 200):
        await store.set(key, b"x")
        same(await store.get_bytes(key), b"x", f"get() of a key of {len(key)} characters")


CHECKS: tuple[Check, ...] = (
    every_character_of_a_key_is_literal,
    odd_names_are_listed_as_they_were_set,
    a_prefix_is_no_pattern,
    spellings_of_one_letter_are_different_keys,
    case_matters,
    keys_may_be_deep_and_long,
)
"""Every promise of this module."""
