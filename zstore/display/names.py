"""How a text that comes from a store is shown: nothing in it acts, hides or moves.

The one place for this rule in Python; `names.ts` of the widgets is its twin, and both are
tested by the cases in ``tests/names.json``. A text that goes into HTML is escaped for HTML
after it.
"""

import re
import unicodedata

__all__ = ["visible"]

# Marks in a row that still make one character; more climb over the lines above.
_MOST_MARKS = 4

# Shown as nothing at all, and yet no format characters: fillers, blanks and selectors.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def visible(text: str, limit: int | None = None) -> str:
    r"""Return `text` with every character that acts, hides or moves as an escape.

    Parameters
    ----------
    text
        Anything: a key, a value, a message. Lone surrogates may be in it.
    limit
        How many characters to return at most, 1 or more. What is longer is cut, and ends
        in ``…``; no escape is cut in two.

    Returns
    -------
    str
        Printable characters and spaces; a line break is two characters.

    Notes
    -----
    Shown as escapes of Python: control, format and private characters, those that no
    standard knows, separators but the space, lone surrogates, characters that are shown
    as nothing, and combining marks that follow nothing or four others. A backslash stays:
    no key has one. The cost is bounded by `limit`, however long the text is.

    Source: CVE-2021-42574 ("Trojan Source"), Unicode UTS 39.

    Examples
    --------
    >>> visible("ice.zarr"), visible("exe\u202egnp.zarr"), visible("a\nb", 3)
    ('ice.zarr', 'exe\\u202egnp.zarr', 'a…')
    """
    if limit is not None and len(text) > limit:
        return _cut(text, limit)
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(_pieces(text))
    return shown if limit is None or len(shown) <= limit else _cut(text, limit)


def _cut(text: str, limit: int) -> str:
    """Return what fits before an ellipsis; a character or an escape is whole or absent."""
    kept: list[str] = []
    room = limit - 1
    # Each character gives one at least.
    for piece in _pieces(text[:limit]):
        if len(piece) > room:
            break
        room -= len(piece)
        kept.append(piece)
    return "".join(kept) + "…"


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    # The start counts as too many: there is nothing that a mark could belong to.
    nmarks = _MOST_MARKS
    for char in text:
        is_mark = unicodedata.category(char)[0] == "M"
        nmarks = nmarks + 1 if is_mark else 0
        if not char.isprintable() or _INVISIBLE.match(char):
            # Nor can a mark belong to an escape.
            nmarks = _MOST_MARKS
            pieces.append(_escape(char))
        else:
            pieces.append(_escape(char) if nmarks > _MOST_MARKS else char)
    return pieces


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
