"""Docstrings as Markdown: what they say in reStructuredText is said in Markdown."""

import re
from typing import Any

import griffe

from zstore._compat import override

# "as in this example::" introduces a literal block, in Markdown an indented one.
_LITERAL = re.compile(r"::(?=\n\s*\n[ ]{4})")
_LINK = re.compile(r"`([^`<]+?)\s+<([^>]+)>`_")
# Two columns between rules, without a head.
_TABLE = re.compile(r"^=+[ ]+=+\n((?:.+\n)+?)=+[ ]+=+$", re.MULTILINE)
# Examples in the text, not those of the section of that name.
_SECTION = re.compile(r"^\w+\n-{3,}$", re.MULTILINE)
_SESSION = re.compile(r"^>>> (?:.+\n?)+", re.MULTILINE)


class Markdown(griffe.Extension):
    """Rewrites every docstring before it is parsed."""

    @override
    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """Return a docstring with its literals, links, tables and sessions in Markdown."""
    text = _LITERAL.sub(":", text)
    text = _LINK.sub(r"[\1](\2)", text)
    text = _TABLE.sub(lambda found: _table(found[1]), text)
    section = _SECTION.search(text)
    end = len(text) if section is None else section.start()
    return _SESSION.sub(lambda found: _session(found[0]), text[:end]) + text[end:]


def _table(rows: str) -> str:
    cells = [re.split(r"(?<=`)\s+|\s{2,}", row, maxsplit=1) for row in rows.splitlines()]
    return "\n".join(["| | |", "|---|---|", *(f"| {' | '.join(row)} |" for row in cells)])


def _session(lines: str) -> str:
    plain = re.sub(r"\s*# doctest:.*", "", lines).rstrip("\n")
    return f"```pycon\n{plain}\n```\n"
