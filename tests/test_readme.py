"""The README is run: each block of Python, and what stands below it is what it prints."""

import ast
import asyncio
import re
from inspect import isawaitable
from pathlib import Path

import pytest

import zstore
from zstore.stores.base import BaseStore

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    "README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
RUN = [
    name for name in DOCUMENTS if "```python" in (ROOT / name).read_text(encoding="utf-8")
]
BLOCK = re.compile(
    r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL
)
# A store, and whether it takes writes, deletes and partial writes.
ROW = re.compile(r"^\| `(\w+)` \| .*? \| (.*?) \| (.*?) \| (.*?) \|", re.MULTILINE)


@pytest.mark.parametrize("document", RUN)
def test_the_examples_print_what_the_document_says(
    document: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with asyncio.Runner() as runner:

        async def finish(result):
            await result

        text = (ROOT / document).read_text(encoding="utf-8")
        for number, block in enumerate(BLOCK.finditer(text), start=1):
            code = compile(
                block["code"],
                f"{document}, block {number}",
                "exec",
                flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            )
            result = eval(code, names)  # noqa: S307 -- the code is our own
            # A block without `await` runs as in a script, with no event loop around it.
            if isawaitable(result):
                runner.run(finish(result))
            assert capsys.readouterr().out == (block["output"] or ""), block["code"]


def test_there_are_examples():
    assert {"README.md", "docs/tour.md"} <= set(RUN)
    tour = (ROOT / "docs/tour.md").read_text(encoding="utf-8")
    assert len(list(BLOCK.finditer(tour))) >= 8


def test_the_links_lead_somewhere():
    for document in (*DOCUMENTS, "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if not target.startswith("https://"):
                path = (ROOT / document).parent / target
                assert path.exists(), f"{document}: {target}"


def test_the_readme_leads_to_every_notebook():
    linked = set(re.findall(r"\]\((notebooks/[^)]+)\)", README))
    notebooks = (ROOT / "notebooks").glob("*.ipynb")
    assert linked == {path.relative_to(ROOT).as_posix() for path in notebooks}


def test_the_table_of_stores_names_every_store():
    public = [getattr(zstore, name) for name in zstore.__all__]
    stores = {
        x.__name__ for x in public if isinstance(x, type) and issubclass(x, BaseStore)
    }
    assert {row[1] for row in ROW.finditer(README)} == stores


def test_the_table_of_stores_tells_what_each_can_do():
    for row in ROW.finditer(README):
        store = getattr(zstore, row[1])
        can = (store._can_write, store._can_delete, store._can_write_parts)
        for cell, value in zip(row.groups()[1:], can, strict=True):
            # Other words than these depend on where the store is.
            if cell in {"yes", "no"}:
                assert (cell == "yes") == value, row[0]
