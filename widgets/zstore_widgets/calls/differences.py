"""What differs between two recordings, in words and as a table."""

from collections.abc import Callable, Sequence

from zstore.display import format_count, format_nbytes, visible
from zstore_widgets.calls.recordings import Recording

__all__ = ["compare", "differences"]


def compare(first: Recording, second: Recording) -> list[str]:
    """Return how the second recording differs from the first, in words.

    Examples
    --------
    >>> compare(Recording(1, "a", 1.0, ()), Recording(2, "b", 0.25, ()))
    ['the same number of calls', 'as many bytes read', '4 times as fast']
    """
    words = [
        _difference(
            first.ncalls, second.ncalls, _calls, "the same number of calls", "fewer"
        ),
        _difference(
            first.nbytes_out, second.nbytes_out, _read, "as many bytes read", "less"
        ),
    ]
    if first.nbytes_in or second.nbytes_in:
        same = "as many bytes written"
        words.append(_difference(first.nbytes_in, second.nbytes_in, _written, same, "less"))
    if first.nerrors or second.nerrors:
        same = "as many errors"
        words.append(_difference(first.nerrors, second.nerrors, _errors, same, "fewer"))
    words.extend(_pace(first.seconds, second.seconds))
    return words


def _difference(
    first: int, second: int, counted: Callable[[int], Sequence[str]], same: str, less: str
) -> str:
    if first == second:
        return same
    amount, rest = counted(abs(second - first))
    return f"{amount} {less if second < first else 'more'}{rest}"


def _calls(count: int) -> tuple[str, str]:
    return f"{format_count(count)} call{'s' * (count != 1)}", ""


def _errors(count: int) -> tuple[str, str]:
    return f"{format_count(count)} error{'s' * (count != 1)}", ""


def _read(nbytes: int) -> tuple[str, str]:
    return format_nbytes(nbytes), " read"


def _written(nbytes: int) -> tuple[str, str]:
    return format_nbytes(nbytes), " written"


# A smaller difference says nothing: the same code varies so from run to run.
_NOTABLE = 1.1


def _pace(first: float, second: float) -> list[str]:
    if not first > 0 or not second > 0:
        return []
    if first >= second * _NOTABLE:
        return [f"{first / second:.2g} times as fast"]
    if second >= first * _NOTABLE:
        return [f"{second / first:.2g} times as long"]
    return ["about as long"]


def differences(first: Recording, second: Recording) -> list[tuple[str, ...]]:
    """Return a table: what is compared, the first, the second, the difference."""
    counts = first.ncalls_by_method, second.ncalls_by_method
    return [
        _line("calls", first.ncalls, second.ncalls, format_count),
        *(
            _line(
                f"  {visible(name, 80)}",
                counts[0].get(name, 0),
                counts[1].get(name, 0),
                format_count,
            )
            for name in sorted({*counts[0], *counts[1]})
        ),
        _line("errors", first.nerrors, second.nerrors, format_count),
        _line("bytes read", first.nbytes_out, second.nbytes_out, format_nbytes),
        _line("bytes written", first.nbytes_in, second.nbytes_in, format_nbytes),
        _line("time of the block", _us(first.seconds), _us(second.seconds), _ms),
        _line("mean latency", _us(first.mean_seconds), _us(second.mean_seconds), _ms),
    ]


def _line(
    name: str, first: int, second: int, text: Callable[[int], str]
) -> tuple[str, ...]:
    sign = "\N{MINUS SIGN}" if second < first else "+"
    difference = "same" if first == second else f"{sign}{text(abs(second - first))}"
    return name, text(first), text(second), difference


def _us(seconds: float) -> int:
    return round(1e6 * seconds)


def _ms(microseconds: int) -> str:
    return f"{microseconds / 1000:,.2f} ms"
