"""The XML of the answers; a page of 1,000 keys takes about 2 ms."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from urllib.parse import quote

from tests.inventory.planning.key_spaces import KeySpace
from tests.servers.listing.pages import Page, Query
from tests.servers.listing.spaces import times

__all__ = ["after_of", "error", "etag", "listing", "token_of"]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
)
_PREFIX = "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>"
_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Error><Code>{}</Code><Message>{}</Message></Error>"
)
# All names of a page are escaped in one step; this stands between them, and in no key.
_BETWEEN = "\0"
_NOT_IN_XML = re.compile("[\x01-\x1f\x7f<>&]")
_NOT_IN_URL = re.compile(r"[^A-Za-z0-9_.~/\x00-]+")
_ODD = 0x9E3779B97F4A7C15F39CC0605CEDC835


def _escaped(names: Sequence[str], encoding: str) -> list[str]:
    text = _BETWEEN.join(names)
    if encoding == "url":
        text = _NOT_IN_URL.sub(lambda found: quote(found[0]), text)
    else:
        text = _NOT_IN_XML.sub(lambda found: f"&#{ord(found[0])};", text)
    return text.split(_BETWEEN) if names else []


def etag(index: int, nbytes: int) -> str:
    """Return the tag of a value: 32 hexadecimal digits that look random."""
    return f"{((index + 1) * _ODD ^ nbytes) & (1 << 128) - 1:032x}"


def listing(
    space: KeySpace, page: Page, query: Query, *, encoding: str = "", token: str = ""
) -> bytes:
    """Return the document of one page.

    Parameters
    ----------
    space
        Knows the sizes.
    page, query
        The answer, and what was asked for.
    encoding
        ``"url"`` if names are to be sent as in a URL.
    token
        Where the listing goes on; empty to send none.
    """
    nbytes = [space.nbytes(index) for index in page.indices]
    tags = map(etag, page.indices, nbytes)
    names = _escaped(page.keys, encoding)
    told = {
        "Prefix": _escaped([query.prefix], encoding)[0],
        "Delimiter": _escaped([query.delimiter], encoding)[0],
        "MaxKeys": query.limit,
        "KeyCount": len(page),
        "IsTruncated": str(page.is_truncated).lower(),
        "EncodingType": encoding,
        "NextContinuationToken": token,
    }
    parts = [_HEAD]
    parts += [f"<{name}>{value}</{name}>" for name, value in told.items() if value != ""]
    parts += [
        f"<Contents><Key>{name}</Key><LastModified>{time}</LastModified>"
        f"<ETag>&quot;{tag}&quot;</ETag><Size>{size}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for name, time, tag, size in zip(
            names, times(page.indices), tags, nbytes, strict=True
        )
    ]
    parts += map(_PREFIX.format, _escaped(page.prefixes, encoding))
    parts.append("</ListBucketResult>")
    return "".join(parts).encode()


def error(code: str, message: str = "as the test wants") -> bytes:
    """Return the document of an error."""
    return _ERROR.format(code, *_escaped([message], "")).encode()


def token_of(last: str) -> str:
    """Return the token with which a listing goes on after a key or common prefix."""
    return urlsafe_b64encode(last.encode()).decode()


def after_of(token: str) -> str:
    """Return what the listing of a token goes on after.

    Raises
    ------
    ValueError
        If it is no token of this server.
    """
    return urlsafe_b64decode(token.encode()).decode()
