"""N3: characters that mean something elsewhere are themselves."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.names.operations import VALUE, operations_of
from tests.reliability.names.scene import KEYS, Scene
from tests.reliability.names.trying import run, tried

__all__ = ["characters"]

# None of them is a key that is there, nor the start of one.
_PATTERNS = ("g/*", "g/?", "g/[0-4]", "*", "**", "g/{0,1}", "%61", "b%2Fc", "g*", "[a]")
_TWINS = tuple(
    unicodedata.normalize(form, text)
    for text in ("\xe9", "\xc5ngstr\xf6m", "\ud55c")
    for form in ("NFC", "NFD")
)
_PLAIN = (
    *("g/*", "g/?", "[0]", "%61", "b%2Fc", "100%", "%", "%zz", "~", "~root", "xy:z"),
    *("a+b", "a b", " a", "a#b", "a?b", "a&b", "a;b", "a'b", 'a"b', "$HOME", "{a,b}"),
    *("|", "<a>", "!", "^", "`", "@", "CON", "a.", "...", "-", "A", *_TWINS),
)


def characters(system: str, place: Path, effort: Effort) -> Iterable[Figure]:
    """Delete by patterns that are keys, and write keys of odd characters."""
    del effort  # these are few
    taken, changed = run(_tried(Scene(system, place)))
    for what, wrong, tries in (
        ("characters taken for a pattern or an escape", taken, 3 * len(_PATTERNS)),
        ("keys of odd characters that are not themselves", changed, len(_PLAIN)),
    ):
        yield Figure(
            promise="N3",
            system=system,
            what=what,
            value=len(wrong),
            of=tries,
            bar=0,
            note=", ".join(map(repr, wrong[:8])),
        )


async def _tried(scene: Scene) -> tuple[list[str], list[str]]:
    taken: list[str] = []
    for key in _PATTERNS:
        async with scene.opened() as handle:
            calls = operations_of(handle)
            if (await tried(handle.get(key))).answer is not None:
                taken.append(f"get {key}")
            for name in ("delete", "delete_dir"):
                await tried(calls[name](key))
                if await scene.contents(handle) != KEYS:
                    taken.append(f"{name} {key}")
                    break
    async with scene.opened() as handle:
        changed = [key for key in _PLAIN if not await _is_itself(handle, key)]
        kept = await scene.contents(handle)
        expected = {key: VALUE + key.encode() for key in _PLAIN if key not in changed}
        changed += [key for key, value in expected.items() if kept.get(key) != value]
        deleted = [key for key in expected if not (await tried(handle.delete(key))).error]
        left = await scene.contents(handle)
        changed += [key for key in deleted if key in left]
        changed += [key for key in KEYS if key not in left]
    return taken, sorted(set(changed))


async def _is_itself(handle: Handle, key: str) -> bool:
    """Write a key, which nothing had before, and read it."""
    if (await tried(handle.get(key))).answer is not None:
        return False
    value = VALUE + key.encode()
    if (await tried(handle.set(key, value))).error:
        return False
    return bool((await tried(handle.get(key))).answer == value)
