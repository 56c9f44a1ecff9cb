"""The hooks of MkDocs that bring the README, the notebooks and the reference in."""

import base64
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from tests.docs.building import ROOT, hook

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

repository, notebooks, reference, docstrings = (
    hook(name) for name in ("repository", "notebooks", "reference", "docstrings")
)


@pytest.mark.parametrize(
    ("uri", "link", "expected"),
    [
        ("index.md", "docs/tour.md", "tour.md"),
        ("index.md", "widgets/pictures/a.png", "widgets/pictures/a.png"),
        ("index.md", "notebooks/01-a.ipynb#b", "notebooks/01-a.md#b"),
        ("tour.md", "../README.md#stores", "index.md#stores"),
        ("tour.md", "guarantees.md", "guarantees.md"),
        ("notebooks/01-a.md", "../README.md", "../index.md"),
        ("notebooks/01-a.md", "02-b.ipynb", "02-b.md"),
        ("contributing.md", "CHANGELOG.md", "changelog.md"),
        ("tour.md", "https://zarr.dev", "https://zarr.dev"),
        ("tour.md", "#errors", "#errors"),
    ],
)
def test_links_between_files_become_links_between_pages(uri: str, link: str, expected: str):
    moved = repository.with_site_links(f"see [it]({link}), or ![]({link})", uri)
    assert moved == f"see [it]({expected}), or ![]({expected})"


def test_every_warning_ends_the_build():
    # --quiet would silence them, and then they count for nothing.
    [command] = [line for line in MAKEFILE.splitlines() if "mkdocs build" in line]
    assert "--strict" in command
    assert "--quiet" not in command
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    checks = config.partition("\nvalidation:")[2].partition("\n\n")[0]
    assert checks.count(": warn") == 7


def test_badges_become_words():
    badge = "[![Binder](https://mybinder.org/badge.svg)](https://mybinder.org/v2)"
    assert repository.without_badges(badge) == "[Binder](https://mybinder.org/v2)"
    assert repository.without_badges("![a](b.png)") == "![a](b.png)"


def test_code_is_no_link():
    text = "`[a](../README.md)`\n\n```python\nx[0](../README.md)\n```\n"
    assert repository.with_site_links(text, "tour.md") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("like this::\n\n    a = 1\n", "like this:\n\n    a = 1\n"),
        ("a slice ``a[::2]``", "a slice ``a[::2]``"),
        ("see `Zarr\n<https://zarr.dev>`_", "see [Zarr](https://zarr.dev)"),
        (
            "====  ====\n`a`   one\n`bcde` two\n====  ====",
            "| | |\n|---|---|\n| `a` | one |\n| `bcde` | two |",
        ),
        (
            "Text.\n\n>>> 1 + 1  # doctest: +SKIP\n2\n\nExamples\n--------\n>>> 3\n3",
            "Text.\n\n```pycon\n>>> 1 + 1\n2\n```\n\nExamples\n--------\n>>> 3\n3",
        ),
    ],
)
def test_docstrings_are_markdown(text: str, expected: str):
    assert docstrings.as_markdown(text) == expected


def test_patterns_stand_for_pages_in_their_order():
    nav = [{"Home": "index.md"}, {"Guide": [{"All": "api/*.md"}]}]
    uris = ["api/b.md", "index.md", "api/a.md"]
    expected = [{"Home": "index.md"}, {"Guide": [{"All": ["api/b.md", "api/a.md"]}]}]
    assert repository.expanded(nav, uris) == expected


def test_a_notebook_is_shown_as_it_is_stored(tmp_path: Path):
    picture = base64.b64encode(b"picture").decode()
    notebook = v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# A title\n\nAnd a text."),
            v4.new_code_cell(
                "# NBVAL_IGNORE_OUTPUT\nprint('```')",
                outputs=[v4.new_output("stream", text="```\n")],
            ),
            v4.new_markdown_cell("<details><summary>Open</summary>\n\n*x*\n\n</details>"),
            v4.new_code_cell(
                "show()",
                outputs=[v4.new_output("display_data", {"image/png": picture})],
            ),
        ]
    )
    path = tmp_path / "01-title.ipynb"
    nbformat.write(notebook, path)
    text, pictures = notebooks.as_markdown(path)
    assert text.startswith("# A title\n")
    assert "````python\nprint('```')\n````" in text
    assert "````text\n```\n````" in text
    assert '<details markdown="1"><summary>' in text
    assert pictures == {"01-title-2.png": b"picture"}
    assert "(01-title-2.png)" in repository.with_site_links(text, "notebooks/01-title.md")


@pytest.mark.parametrize(
    ("name", "module", "path"),
    [
        ("LocalStore", "zstore", "zstore.LocalStore"),
        ("sync.run", "zstore", "zstore.sync.run"),
        ("run", "zstore.sync", "zstore.sync.run"),
        ("KeyNotFoundError", "zstore.sync", "zstore.errors.KeyNotFoundError"),
        ("explore", "zstore", "zstore_widgets.explore"),
        ("get_many", "zstore", "zstore.Store.get_many"),
        ("outline", "zstore.display", "zstore.display.outline.outline"),
        ("zstore.keys.check_key", "zstore", None),
        ("zstore.keys", "zstore", None),
        ("zstore", "zstore", None),
        ("prefix", "zstore", None),
    ],
)
def test_names_in_code_are_found_in_the_reference(name: str, module: str, path: str | None):
    assert reference.path_of(name, module) == path


def test_names_become_links_where_they_are_none_yet():
    class Page:
        class file:  # noqa: N801 -- an attribute of a page
            src_uri = "tour.md"

    html = (
        "<h2><code>LocalStore</code></h2><a><code>LocalStore</code></a>"
        "<pre><code>LocalStore</code></pre><p><code>LocalStore</code></p>"
    )
    assert reference.on_page_content(html, Page()) == html.replace(
        "<p><code>LocalStore</code></p>",
        '<p><autoref optional identifier="zstore.LocalStore"><code>LocalStore</code>'
        "</autoref></p>",
    )


def test_the_groups_of_the_reference_are_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(reference.GROUPS, "Wrappers")
    with pytest.raises(ValueError, match="LoggingStore"):
        reference.page_of("zstore")
