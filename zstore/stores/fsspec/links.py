"""The links of a web server's page that lists a folder."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from zstore._compat import override

__all__ = ["names_linked", "says_it_lists"]

_TITLES = re.compile(r"index of|directory listing|list of files", re.IGNORECASE)


class _Links(HTMLParser):
    """Collects where the anchors of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]


def names_linked(page: str, url: str) -> list[str]:
    """Return the names directly below `url` that a page links to; folders end in ``/``.

    Examples
    --------
    >>> names_linked('<a href="../">up</a> <a href="a%20b">a b</a>', "http://h/x/")
    ['a b']
    """
    parser = _Links()
    parser.feed(page)
    here = urlsplit(url)
    names: dict[str, None] = {}
    for target in parser.targets:
        try:
            link = urlsplit(urljoin(url, target))
        except ValueError:
            continue
        # Links with a query sort the listing, and lead nowhere else.
        if link.netloc != here.netloc or link.query or link.fragment:
            continue
        name = link.path.removeprefix(here.path)
        if name != link.path and name and "/" not in name[:-1]:
            names[unquote(name)] = None
    return list(names)


def says_it_lists(page: str) -> bool:
    """Tell whether a page without links calls itself a listing, so of an empty folder."""
    return _TITLES.search(page) is not None
