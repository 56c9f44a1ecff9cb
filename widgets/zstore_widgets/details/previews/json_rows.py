"""JSON as rows of a folding tree: without recursion, of any depth, and cut where asked.

No value is built, so nothing in the text can be too deep or too large: each scalar is the
text that stands there, and a text that ends too early gives the rows up to there.
Source: RFC 8259; NaN and Infinity are taken too, since Python writes them.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from zstore.display import format_count, visible

__all__ = ["MAX_ROWS", "JsonRow", "JsonRows", "json_rows", "rows_of_value"]

MAX_ROWS = 20_000
MAX_DEPTH = 200
MAX_NAME = 200
MAX_TEXT = 400
_MAX_DIGITS = 60
_MAX_ATTRIBUTES_LENGTH = 64 * 1024

RowKind: TypeAlias = Literal["object", "array", "string", "number", "word"]
Status: TypeAlias = Literal["whole", "cut", "limit", "invalid"]


class JsonRow(NamedTuple):
    """One value of JSON.

    Attributes
    ----------
    depth
        How many objects and arrays it lies in.
    kind
        What it is; ``"word"`` is true, false, null and what is no number.
    name
        In an object, its name; in an array, its number; None for the outermost value.
    text
        Of a scalar, what it says, without quotes; fit to be shown.
    length
        Of an object or array, how many values lie directly in it, as far as it was read.
    """

    depth: int
    kind: RowKind
    name: str | None
    text: str
    length: int


@dataclass(slots=True)
class JsonRows:
    """The values of a JSON text, each before those in it.

    Attributes
    ----------
    status
        Whether that is all (``"whole"``), all of a text that goes on (``"cut"``), as much
        as is shown (``"limit"``), or what comes before a mistake (``"invalid"``).
    problem
        Why it is not all, as a sentence.
    """

    rows: list[JsonRow] = field(default_factory=list[JsonRow])
    status: Status = "whole"
    problem: str | None = None


# Possessive: nothing is tried twice, whatever the text is.
_TOKEN = re.compile(
    r"[ \t\n\r]*+(?:"
    r"(?P<sign>[{}\[\],:])"
    r'|"(?P<string>[^"\\]*+(?:\\.[^"\\]*+)*+)"'
    r"|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+)(?![\w.+-])"
    r"|(?P<word>true|false|null|NaN|-?Infinity)(?!\w)"
    r")",
    re.DOTALL,
)
_BLANK = re.compile(r"[ \t\n\r\x00]*+")
# What may be the first half of a token that the end of the text has cut.
_HALF = re.compile(r'[ \t\n\r]*+(?:"|[\w.+-]{0,2000}\Z)')


def json_rows(text: str, *, is_whole: bool, max_rows: int = MAX_ROWS) -> JsonRows:
    """Return the rows of a JSON text, or of the part of one.

    Parameters
    ----------
    text
        From its start on.
    is_whole
        Whether the text ends there.
    max_rows
        No more are returned.

    Notes
    -----
    Time and memory grow with the text, whatever is in it; no recursion.

    Examples
    --------
    >>> [row.text for row in json_rows('{"a": [1, true]}', is_whole=True).rows]
    ['', '', '1', 'true']
    """
    return _Reader(text, is_whole=is_whole, max_rows=max_rows).read()


def rows_of_value(value: object, *, max_rows: int = 2_000) -> JsonRows:
    """Return the rows of a value that JSON can say, as of attributes.

    Notes
    -----
    At most 64 Ki characters are written out, and looked at, whatever the value is.
    """
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        text += piece
        if len(text) > _MAX_ATTRIBUTES_LENGTH:
            return json_rows(
                text[:_MAX_ATTRIBUTES_LENGTH], is_whole=False, max_rows=max_rows
            )
    return json_rows(text, is_whole=True, max_rows=max_rows)


class _Stop(Exception):  # noqa: N818 -- an end, and no error
    def __init__(self, status: Status, problem: str | None = None) -> None:
        self.status: Status = status
        self.problem = problem


class _Reader:
    """Reads one text; what is open is a list, not a call."""

    def __init__(self, text: str, *, is_whole: bool, max_rows: int) -> None:
        self._text = text
        self._is_whole = is_whole
        self._max_rows = max_rows
        self._at = 0
        self._rows: list[JsonRow] = []
        # Row and count of each object and array that the next value lies in.
        self._open: list[list[int]] = []
        self._name: str | None = None

    def read(self) -> JsonRows:
        status: Status = "whole"
        problem = None
        try:
            self._read_all()
        except _Stop as stop:
            status, problem = stop.status, stop.problem
        for row, count in self._open:
            self._close(row, count)
        return JsonRows(self._rows, status, problem)

    def _read_all(self) -> None:
        self._value(self._token())
        while self._open:
            self._member()
        end = _BLANK.match(self._text, self._at)
        if end is None or end.end() < len(self._text):
            self._fail("nothing should follow here")

    def _member(self) -> None:
        """Read one value of what is open, or its end."""
        frame = self._open[-1]
        row, count = frame
        is_object = self._rows[row].kind == "object"
        token = self._token()
        sign = token["sign"]
        if sign == ("}" if is_object else "]"):
            self._open.pop()
            self._close(row, count)
            return
        if count:
            if sign != ",":
                self._fail("a comma or the end is missing", token)
            token = self._token()
        if is_object:
            name = token["string"]
            if name is None:
                self._fail("a name in quotes is missing", token)
            self._name = _shown(name, MAX_NAME)
            token = self._token()
            if token["sign"] != ":":
                self._fail("a colon is missing", token)
            token = self._token()
        else:
            self._name = str(count)
        self._value(token)
        frame[1] += 1

    def _value(self, token: re.Match[str]) -> None:
        depth = len(self._open)
        if len(self._rows) >= self._max_rows:
            limit = format_count(self._max_rows)
            raise _Stop("limit", f"these are the first {limit} values")
        sign = token["sign"]
        if sign in ("{", "["):
            if depth >= MAX_DEPTH:
                raise _Stop("limit", f"it is nested more than {MAX_DEPTH} levels deep")
            kind: RowKind = "object" if sign == "{" else "array"
            self._open.append([len(self._rows), 0])
            self._rows.append(JsonRow(depth, kind, self._name, "", 0))
        elif sign is not None:
            self._fail("a value is missing", token)
        else:
            self._rows.append(JsonRow(depth, *_scalar(token, self._name)))

    def _close(self, row: int, count: int) -> None:
        self._rows[row] = self._rows[row]._replace(length=count)

    def _token(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self._at)
        if token is None:
            if _HALF.match(self._text, self._at) and not self._is_whole:
                raise _Stop("cut")
            self._fail("no JSON value is here")
        if token.end() == len(self._text) and token["number"] and not self._is_whole:
            raise _Stop("cut")  # more digits may follow
        self._at = token.end()
        return token

    def _fail(self, reason: str, token: re.Match[str] | None = None) -> NoReturn:
        at = self._at if token is None else token.start()
        blank = _BLANK.match(self._text, at)
        at = blank.end() if blank else at
        line = self._text.count("\n", 0, at) + 1
        where = f"this is no JSON from line {format_count(line)} on"
        raise _Stop("invalid", f"{where}: {reason}")


def _scalar(token: re.Match[str], name: str | None) -> tuple[RowKind, str | None, str, int]:
    string, number = token["string"], token["number"]
    if string is not None:
        return "string", name, _shown(string, MAX_TEXT), 0
    if number is not None:
        return "number", name, _digits(number), 0
    return "word", name, token["word"], 0


def _digits(number: str) -> str:
    if len(number) <= _MAX_DIGITS:
        return number
    return f"{number[:_MAX_DIGITS]}… ({format_count(len(number))} characters)"


def _shown(string: str, limit: int) -> str:
    if "\\" in string:
        # More than is shown, but not all: it may be the whole text.
        piece = string[: 12 * limit]
        piece = piece[: len(piece) - _half_escape(piece)]
        try:
            decoded: object = json.loads(f'"{piece}"', strict=False)
        except ValueError:  # an escape that JSON has not
            decoded = piece
        string = str(decoded) + ("…" if len(piece) < len(string) else "")
    return visible(string, limit)


_LAST_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*+(\\(?:u[0-9a-fA-F]{0,3}+)?+)\Z")


def _half_escape(piece: str) -> int:
    """Return how many characters at the end are the start of an escape."""
    half = _LAST_ESCAPE.search(piece)
    return len(half[1]) if half else 0
