"""What a store and an error are called, so that it can be shown to anybody.

No secrets of URLs, no addresses, no path of the home folder, and nothing that a terminal
or a page would take for more than text.
"""

import re
from pathlib import Path

from zstore.display.names import visible
from zstore.errors import ZStoreError
from zstore.stores.failures import plain_text, redact

__all__ = ["place_line", "sentence", "sentence_of", "without_home"]

# Stores in memory name the address of their values, which differs at each run.
_ADDRESS = re.compile(r"\b((?:gpu)?memory|[a-z0-9_]*store)://\d+\b")
# A name longer than this is no name, and a sentence no sentence.
_LONGEST = 600


def place_line(place: object) -> str:
    """Return the line that names a store, `StorePath` or `SyncStore`.

    Its `repr`, without what differs from run to run, is secret, or acts.

    Examples
    --------
    >>> from zstore import MemoryStore
    >>> place_line(MemoryStore())
    "MemoryStore('memory://')"
    """
    try:
        text = repr(place)
    except Exception:  # noqa: BLE001 -- of any class; a display never raises
        text = f"<{type(place).__name__}>"
    return _clean(redact(text))


def sentence(error: BaseException) -> str:
    """Return what an error says, as one line; see `sentence_of`."""
    return sentence_of(error)[1]


def sentence_of(error: BaseException) -> tuple[str, str]:
    """Return the kind of an error, and what it says as one line.

    What is no error of zstore is led by its class.

    Examples
    --------
    >>> sentence_of(KeyError("a"))
    ('KeyError', "KeyError: 'a'")
    """
    kind = type(error).__name__
    if isinstance(error, OSError) and not isinstance(error, ZStoreError):
        # Without its file name, an absolute path.
        text = error.strerror or plain_text(error)
    else:
        text = plain_text(error)
    if not isinstance(error, ZStoreError) and not text.startswith(kind):
        text = f"{kind}: {text}"
    return kind, _clean(text)


def without_home(text: str) -> str:
    """Return a text with ``~`` for the home folder of the user.

    Examples
    --------
    >>> without_home("no path here")
    'no path here'
    """
    try:
        home = Path.home()
    except RuntimeError:  # nobody in particular runs this
        return text
    if home == home.parent:
        return text
    for written in {str(home), home.as_posix()}:
        # A whole path: neither "/mnt/root" nor "/rootless" is the home "/root".
        text = re.sub(rf"(?<![\w.~-]){re.escape(written)}(?![\w.-])", "~", text)
    return text


def _clean(text: str) -> str:
    return visible(without_home(_ADDRESS.sub(r"\1://", text)), _LONGEST)
