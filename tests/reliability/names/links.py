"""N4: what a symbolic link leads to, somebody else put there."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.reliability.figures import Effort, Figure
from tests.reliability.names.operations import LISTING, OPERATIONS, operations_of
from tests.reliability.names.scene import Scene
from tests.reliability.names.trying import run, tried

__all__ = ["escapes"]

# Where the link is, where it leads, the key of a call and the prefix of a listing.
_LINKS = (
    ("link", "secret", "link", ""),
    ("folder", "", "folder/secret", "folder"),
    ("dangling", "new", "dangling", ""),
)


def escapes(system: str, place: Path, effort: Effort) -> Iterable[Figure]:
    """Make every call on keys that are links, or below one."""
    del effort  # these are few
    passed = run(_passed(Scene(system, place)))
    yield Figure.counted(
        promise="N4",
        system=system,
        what="calls that went through a symbolic link",
        bad=passed,
        of=len(_LINKS) * len(OPERATIONS),
        bar=0,
    )


async def _passed(scene: Scene) -> list[str]:
    passed: list[str] = []
    for name, target, key, prefix in _LINKS:
        for operation in OPERATIONS:
            async with scene.opened() as handle:
                (scene.folder / name).symlink_to(scene.outside / target)
                takes_prefix = operation in (*LISTING, "delete_dir")
                text = prefix if takes_prefix else key
                outcome = await tried(operations_of(handle)[operation](text))
                if scene.is_harmed() or _shows(operation, name, outcome.answer):
                    passed.append(f"{operation} {key}")
    return passed


def _shows(operation: str, name: str, answer: Any) -> bool:
    """Whether an answer has something of what is behind the link."""
    if operation in LISTING:
        behind = {"secret", "more", name}
        return any(behind & set(one.split("/")) for one in answer or [])
    return operation in {"get", "exists", "getsize"} and bool(answer)
