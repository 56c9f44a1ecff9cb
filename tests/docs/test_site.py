"""The site that `make docs` has just built."""

import importlib
import zlib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.building import ROOT, hook
from zstore._compat import override

SITE = ROOT / "build/docs"
reference = hook("reference")

pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").is_file(), reason="there is no site: run `make docs`"
)


class Links(HTMLParser):
    """What a page refers to, what can be referred to on it, and how its tags nest."""

    def __init__(self, path: Path):
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(path.read_text(encoding="utf-8"))

    @override
    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.targets.append(found["href"])
        if found.get("src"):
            self.loaded.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preconnect"):
            self.loaded.append(found["href"])


@cache
def page(path: Path) -> Links:
    return Links(path)


def pages() -> list[Path]:
    # The page for what is not found is shown at any address: its links are absolute.
    return [path for path in sorted(SITE.rglob("*.html")) if path.name != "404.html"]


def test_every_link_leads_somewhere():
    broken = []
    for path in pages():
        for target in [*page(path).targets, *page(path).loaded]:
            url = urlsplit(target)
            if url.scheme in ("https", "http", "mailto", "data"):
                continue
            there = (path.parent / unquote(url.path)).resolve() if url.path else path
            if not there.is_file():
                broken.append(f"{path.name}: {target}")
            elif there.suffix == ".html":
                if unquote(url.fragment) in page(there).anchors:
                    continue
                broken.append(f"{path.name}: {target} has no such anchor")
    assert broken == []


def test_no_page_loads_anything_from_another_host():
    assert not [
        f"{path.name}: {address}"
        for path in pages()
        for address in page(path).loaded
        if urlsplit(address).netloc
    ]


def test_the_reference_has_every_public_name():
    # Four lines of text, then the names: https://sphobjinv.readthedocs.io/en/stable/syntax.html
    packed = (SITE / "objects.inv").read_bytes().split(b"\n", 4)[4]
    documented = {line.split()[0] for line in zlib.decompress(packed).decode().splitlines()}
    missing = [
        path
        for module in reference.MODULES
        for name in importlib.import_module(module).__all__
        if (path := reference.path_in(module, name)) not in documented
    ]
    assert missing == []


def test_the_reference_has_every_call_of_a_store():
    anchors = page(SITE / "api/zstore.html").anchors
    store = importlib.import_module("zstore").Store
    calls = [name for name in dir(store) if not name.startswith("_")]
    assert not [name for name in calls if f"zstore.Store.{name}" not in anchors]


def test_every_notebook_has_a_page():
    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.stem for path in (SITE / "notebooks").glob("*.html")} == notebooks
