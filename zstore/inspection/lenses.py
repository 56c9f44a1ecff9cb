"""As which types bytes can be looked at."""

from typing import Any

import numpy as np

from zstore.errors import InvalidTypeError

__all__ = ["LENSES", "fitting", "lens_of"]

LENSES = (
    *("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
    *("float16", "float32", "float64", "complex64", "complex128", "bool"),
)
"""Data types that bytes can be looked at as; big-endian ones by ``newbyteorder``."""


def lens_of(dtype: str) -> np.dtype[Any]:
    """Return the type of a name.

    Parameters
    ----------
    dtype
        One of `LENSES`, with ``">"`` before it for big-endian bytes.

    Raises
    ------
    InvalidTypeError
        If `dtype` is none of these.
    """
    name = dtype.removeprefix(">").removeprefix("<") if isinstance(dtype, str) else dtype
    if name not in LENSES:
        msg = f"dtype must be one of {', '.join(LENSES)}, got {dtype!r}"
        raise InvalidTypeError(msg)
    return np.dtype(name).newbyteorder(">" if dtype.startswith(">") else "=")


def fitting(pointer: int, nbytes: int) -> tuple[str, ...]:
    """Return the names of the types that need no copy at `pointer`, and leave no rest.

    A device loads both parts of a complex number at once, so these start at a multiple
    of their whole size, which is more than NumPy asks for.
    """
    sizes = {name: np.dtype(name).itemsize for name in LENSES}
    return tuple(name for name, n in sizes.items() if not nbytes % n and not pointer % n)
