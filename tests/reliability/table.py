"""The figures as a table in Markdown: a line for each promise and system."""

from collections.abc import Iterable, Sequence

from tests.reliability.figures import Figure
from tests.reliability.promises import PROMISES

__all__ = ["SAYS", "markdown"]

SAYS = {True: "met", False: "**missed**", None: ""}
"""Whether a bar is met, in a cell; None where there is none."""


def markdown(figures: Sequence[Figure]) -> str:
    """Lay the figures out by promise, what was counted, and system."""
    parts: list[str] = []
    for sign, text in PROMISES.items():
        of_it = [figure for figure in figures if figure.promise == sign]
        if of_it:
            parts += [f"## {sign}: {text}", "", *_rows(of_it), ""]
    return "\n".join(parts)


def _rows(figures: Iterable[Figure]) -> Iterable[str]:
    yield "| What | System | Figure | Bar | |"
    yield "|---|---|---|---|---|"
    by_what: dict[str, list[Figure]] = {}
    for figure in figures:
        by_what.setdefault(figure.what, []).append(figure)
    for what, each in by_what.items():
        for figure in each:
            says = " ".join(filter(None, (SAYS[figure.met], figure.note)))
            row = (what, figure.system, figure.number, _bar(figure), says)
            yield f"| {' | '.join(_cell(text) for text in row)} |"


def _bar(figure: Figure) -> str:
    if figure.bar is None:
        return ""
    return f"{'>=' if figure.least else '<='} {figure.bar:g} {figure.unit}".rstrip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
