"""Texts that are no keys, or that some systems take for something else."""

from pathlib import Path

from zstore.testing.bad_keys import BAD_KEYS

__all__ = ["evil_keys", "is_prefix"]

_PARENTS = (
    "../outside/secret",
    "a/../../outside/secret",
    "./../outside/secret",
    "b/./../../outside",
    "../root/a",
    "../root",
    "../",
    "./",
    "a/../a",
    "b/../b/c",
    "b//c",
    "b/./c",
    "/a",
    "a/..//",
    "/..",
    "/../outside/secret",
    "/.",
)
_DECODED = (
    "%2e%2e/outside/secret",
    "..%2foutside%2fsecret",
    "%2e%2e%2foutside%2fsecret",
    "..%5coutside%5csecret",
    "..\\outside\\secret",
    "..%c0%afoutside",
    "\uff0e\uff0e/outside/secret",
    "\u2024\u2024/outside/secret",
    "..\u2215outside\u2215secret",
    "a%00",
    "a\0.txt",
    "b/c\0",
    "a\0/../../outside/secret",
)
_EXPANDED = (
    "~",
    "~/x",
    "~root/x",
    "$HOME/x",
    "${HOME}",
    "file:///etc/passwd",
    "file:a",
    "memory://x",
    "simplecache::file:///etc/passwd",
    "a#fragment",
    "a?versionId=1",
)
_PLAIN_ELSEWHERE = (
    "",
    "a/",
    "b/",
    "b/c/",
    "a ",
    " a",
    "a.",
    "...",
    "a\r",
    "\x1b[31ma",
    "\udc80",
    "A",
    "\u202ea",
    "a\u200b",
    "\ufeffa",
    "x" * 256,
    f"b/{'x' * 300}",
    "/".join(["y" * 200] * 25),
)


def evil_keys(root: Path, outside: Path) -> tuple[str, ...]:
    """Return them all, with absolute ones for a store at `root`, each once."""
    absolute = (f"{outside}/secret", f"/{outside}/secret", f"{outside}", f"{root}/a", "/")
    return tuple(
        dict.fromkeys(
            (*absolute, *_PARENTS, *_DECODED, *_EXPANDED, *_PLAIN_ELSEWHERE, *BAD_KEYS)
        )
    )


def is_prefix(text: str) -> bool:
    """Whether a text is no key but may stand for all below: empty, or ending in ``/``."""
    start = text.removesuffix("/")
    return not text or (text != start and start in {"a", "b", "b/c"})
