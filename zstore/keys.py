"""What a key is, and what a prefix is; the only place that says so.

A key is a relative path of segments joined by ``/``: ``"group/array/c/0/1"``. It names
exactly one value and can never name anything outside the root of a store.

A prefix selects keys by whole segments. ``"ab"`` means the key ``ab`` itself and
everything below ``ab/``; ``"ab/"`` means only what is below; ``""`` means all keys.

Source: Zarr v3 specification, "Abstract store interface"; the seed ``zarr.storage``.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from zstore.errors import InvalidKeyError, InvalidTypeError

__all__ = [
    "RESERVED_SUFFIX",
    "check_key",
    "check_prefix",
    "is_key",
    "keys_below",
    "prefix_of",
]

# Files that a store is still writing end like this. No key may, so that an unfinished
# file is never taken for a value, in any store that the tree is copied to.
RESERVED_SUFFIX = ".zstore-partial"

# Control characters, lone surrogates (they cannot be encoded) and the backslash (a
# separator on Windows) are refused on every platform: a key must mean the same anywhere.
_SEGMENT = r"(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f\x7f\ud800-\udfff]+"
_KEY = re.compile(rf"(?![A-Za-z]:){_SEGMENT}(?:/{_SEGMENT})*")

# The first that matches explains why a text is no key.
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\A\Z"), "it is empty"),
    (re.compile(r"\A/"), "it starts with '/'"),
    (re.compile(r"/\Z"), "it ends with '/'"),
    (re.compile(r"//"), "it has an empty segment"),
    (re.compile(r"(?:\A|/)\.{1,2}(?:/|\Z)"), "it has a segment '.' or '..'"),
    (re.compile(r"\\"), "it contains a backslash"),
    (re.compile(r"[\x00-\x1f\x7f]"), "it contains a control character"),
    (re.compile(r"[\ud800-\udfff]"), "it cannot be encoded as UTF-8"),
    (re.compile(r"\A[A-Za-z]:"), "it starts with a drive letter"),
    (re.compile(re.escape(RESERVED_SUFFIX)), f"{RESERVED_SUFFIX!r} is reserved"),
)


def is_key(text: str) -> bool:
    """Tell whether `text` is a key.

    Examples
    --------
    >>> is_key("group/zarr.json"), is_key("../zarr.json")
    (True, False)
    """
    return _KEY.fullmatch(text) is not None and RESERVED_SUFFIX not in text


@lru_cache(maxsize=16384)
def _checked(key: str) -> str:
    if is_key(key):
        return key
    for pattern, reason in _REASONS:
        if pattern.search(key):
            raise InvalidKeyError(key, reason)
    raise AssertionError(key)  # pragma: no cover -- the reasons cover the grammar


def check_key(key: str) -> str:
    """Return `key` if it is one.

    Raises
    ------
    InvalidKeyError
        If `key` is empty, absolute, has an empty, ``.`` or ``..`` segment, a leading or
        trailing ``/``, a backslash, a control character (NUL among them), a character
        that UTF-8 cannot encode, a drive letter, or the reserved suffix of unfinished
        files.
    InvalidTypeError
        If `key` is not a string.

    Examples
    --------
    >>> check_key("array/c/0")
    'array/c/0'
    >>> check_key("array/../../etc")
    Traceback (most recent call last):
    zstore.errors.InvalidKeyError: 'array/../../etc' is not a valid key: it has a segment \
'.' or '..'
    """
    if type(key) is str:
        return _checked(key)
    if isinstance(key, str):
        # A subclass could compare or print as something else than it is.
        return _checked("".join(key))
    msg = f"a key is a str, got {type(key).__name__}: {key!r}"
    raise InvalidTypeError(msg)


def check_prefix(prefix: str) -> str:
    """Return `prefix` if it is one: empty, a key, or a key and one trailing ``/``.

    Raises
    ------
    InvalidKeyError
        If what stands before the trailing ``/`` is no key; so ``"/"`` is refused.
    InvalidTypeError
        If `prefix` is not a string.

    Examples
    --------
    >>> check_prefix(""), check_prefix("ab"), check_prefix("ab/")
    ('', 'ab', 'ab/')
    """
    if not isinstance(prefix, str):
        msg = f"a prefix is a str, got {type(prefix).__name__}: {prefix!r}"
        raise InvalidTypeError(msg)
    if not prefix:
        return ""
    if prefix != "/" and prefix.endswith("/"):
        return check_key(prefix[:-1]) + "/"
    return check_key(prefix)


def prefix_of(prefix: str) -> str:
    """Return the form that only matches what is below: empty, or ending in ``/``.

    Examples
    --------
    >>> prefix_of("ab"), prefix_of("ab/"), prefix_of("")
    ('ab/', 'ab/', '')
    """
    return f"{prefix}/" if prefix and not prefix.endswith("/") else prefix


def keys_below(prefix: str, names: Sequence[str]) -> list[str]:
    r"""Return `prefix` joined with each of `names`, without those that are no keys.

    Parameters
    ----------
    prefix
        Empty, or ending in ``/``.
    names
        Of one folder, as an operating system lists it: not empty, ``.`` or ``..``.

    Notes
    -----
    One look at all the names together, almost always enough, instead of one at each.

    Examples
    --------
    >>> keys_below("a/", ["0", "back\\slash", "1"])
    ['a/0', 'a/1']
    """
    keys = [prefix + name for name in names]
    text = "".join(names)
    good = text.isprintable() and "\\" not in text and RESERVED_SUFFIX not in text
    if good and (prefix or ":" not in text):
        return keys
    return [key for key in keys if is_key(key)]
