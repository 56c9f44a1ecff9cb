"""How sizes and counts are written for people."""

from collections.abc import Iterable

__all__ = ["format_count", "format_nbytes", "format_shape"]

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
# From here on a decimal says nothing that a reader needs.
_NO_DECIMALS = 100


def format_count(count: int) -> str:
    """Return a number with its thousands set apart.

    Examples
    --------
    >>> format_count(8215)
    '8,215'
    """
    return f"{count:,}"


def format_nbytes(nbytes: int) -> str:
    """Return a number of bytes in units of 1024; exact below one KiB.

    Examples
    --------
    >>> format_nbytes(412), format_nbytes(1503238553), format_nbytes(512 * 2**20)
    ('412 B', '1.4 GiB', '512 MiB')
    """
    if abs(nbytes) < 1024:  # noqa: PLR2004 -- a KiB
        return f"{nbytes} B"
    unit = 0
    # In tenths, and whole numbers: what a hostile store says may be beyond any float.
    tenths = _rounded(abs(nbytes) * 10, 1024)
    while tenths >= 10 * 1024 and unit < len(_UNITS) - 1:
        unit += 1
        tenths = _rounded(abs(nbytes) * 10, 1024 ** (unit + 1))
    whole = tenths >= 10 * _NO_DECIMALS
    number = f"{_rounded(tenths, 10):,}" if whole else f"{tenths // 10}.{tenths % 10}"
    return f"{'-' * (nbytes < 0)}{number} {_UNITS[unit]}"


def format_shape(shape: Iterable[int]) -> str:
    """Return the lengths of the axes; empty if there are none.

    Examples
    --------
    >>> format_shape((365, 720, 1440)).split()[::2]
    ['365', '720', '1440']
    """
    return " \N{MULTIPLICATION SIGN} ".join(map(str, shape))


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
