"""Pages of files that are kept elsewhere in the repository, and links between all of them.

Every Markdown file and notebook links to files as they lie in the repository, so that the
links work where the repository is browsed. Here each becomes the link of the site.
"""

import posixpath
import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]

# Where a file of the repository is on the site; what is not named here is not there.
MOVED = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "CITATION.cff": "CITATION.cff",
    "LICENSE": "LICENSE.txt",
}
PICTURES = "widgets/pictures"

_BADGE = re.compile(r"!\[([^]]*)\]\(https?://[^)\s]+\)")
# The target of a link in Markdown, without its anchor; code is left alone.
_CODE_OR_LINK = re.compile(
    r"(?P<code>^(?P<fence>```+|~~~+).*?^(?P=fence)|(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`))"
    r"|(?P<start>\]\()(?P<target>[^)\s#:]+)(?P<end>[)#\s])",
    re.DOTALL | re.MULTILINE,
)


# After the other hooks, which add files too.
@event_priority(-100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files of the repository that are pages, or are shown on one."""
    pictures = sorted((ROOT / PICTURES).glob("*.png"))
    names = {path.relative_to(ROOT).as_posix() for path in pictures}
    for name, uri in {**MOVED, **{name: name for name in names}}.items():
        path = str(ROOT / name)
        files.append(File.generated(config, uri, abs_src_path=path))
    config.nav = expanded(config.nav, [file.src_uri for file in files])
    return files


def expanded(nav: Any, uris: Sequence[str]) -> Any:
    """Return a navigation with the pages that each of its patterns stands for.

    Parameters
    ----------
    nav
        As in mkdocs.yml; a section may be a pattern, ``notebooks/*.md``.
    uris
        Of all files, in the order in which pages shall come.
    """
    if isinstance(nav, list):
        return [expanded(item, uris) for item in nav]
    if isinstance(nav, dict):
        return {title: expanded(item, uris) for title, item in nav.items()}
    return [uri for uri in uris if fnmatch(uri, nav)] if "*" in nav else nav


def site_uri(name: str) -> str:
    """Return where a file of the repository is on the site.

    Parameters
    ----------
    name
        Path of the file, relative to the root of the repository.
    """
    if name in MOVED:
        return MOVED[name]
    if fnmatch(name, "notebooks/*.ipynb"):
        return name.replace(".ipynb", ".md")
    return name.removeprefix("docs/")


def home_of(uri: str) -> str:
    """Return the file of the repository that a page of the site is made of."""
    names = {moved: name for name, moved in MOVED.items()}
    if uri.startswith("notebooks/"):
        return uri.replace(".md", ".ipynb")
    return names.get(uri, f"docs/{uri}")


def with_site_links(markdown: str, uri: str) -> str:
    """Turn links between files of the repository into links between pages.

    Parameters
    ----------
    markdown
        Text of a page.
    uri
        Of the page on the site.
    """
    folder, home = posixpath.dirname(uri), posixpath.dirname(home_of(uri))

    def moved(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        name = posixpath.normpath(posixpath.join(home, found["target"]))
        target = posixpath.relpath(site_uri(name), folder or ".")
        return f"{found['start']}{target}{found['end']}"

    return _CODE_OR_LINK.sub(moved, markdown)


def without_badges(markdown: str) -> str:
    """Return a page with the words of pictures that other hosts would have to send."""
    return _BADGE.sub(r"\1", markdown)


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Rewrite the links of a page."""
    if page.file.src_uri == "index.md":
        # It is the only page of its tab.
        page.meta["hide"] = ["navigation"]
    if page.file.src_uri.startswith("api/"):
        return markdown
    return with_site_links(without_badges(markdown), page.file.src_uri)
