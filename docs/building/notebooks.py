"""A page of every notebook, as it is stored: nothing is run.

As Markdown, so that its code looks like all other code and its links are checked.
"""

import base64
import re
from pathlib import Path
from typing import Any

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]

# Marks a cell whose output differs from run to run, so that none is stored.
_MARK = re.compile(r"\A# NBVAL_\w+\n")
_PICTURES = {"image/png": "png", "image/svg+xml": "svg"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for every notebook, its pictures, and the notebook itself."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text, pictures = as_markdown(path)
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=text))
        files.append(
            File.generated(config, f"notebooks/{path.name}", abs_src_path=str(path))
        )
        for name, content in pictures.items():
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    return files


def as_markdown(path: Path) -> tuple[str, dict[str, bytes]]:
    """Return a notebook as the text of a page, and the pictures on it by their names."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    title, *cells = notebook.cells
    note = (
        f'<p class="notebook">This is the notebook <a href="{path.name}" download>'
        f"{path.name}</a>, with the outputs that are the same on every machine. "
        "Run it to see the widgets: <code>make lab</code>.</p>"
    )
    blocks = [title.source.replace("\n", f"\n\n{note}\n", 1)]
    pictures: dict[str, bytes] = {}
    for number, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            blocks.append(cell.source.replace("<details>", '<details markdown="1">'))
            continue
        blocks.append(_fenced(_MARK.sub("", cell.source), "python"))
        name = f"{path.stem}-{number}"
        blocks += [_output(output, name, pictures) for output in cell.outputs]
    return "\n\n".join(blocks) + "\n", pictures


def _fenced(text: str, kind: str) -> str:
    longest = max([2, *(len(ticks) for ticks in re.findall(r"`{3,}", text))])
    fence = "`" * (longest + 1)
    return f"{fence}{kind}\n{text.rstrip()}\n{fence}"


def _output(output: Any, name: str, pictures: dict[str, bytes]) -> str:
    """Return one output: a picture, HTML, or text."""
    if output.output_type == "error":
        return _fenced(f"{output.ename}: {output.evalue}", "text")
    if output.output_type == "stream":
        return _fenced(output.text, "text")
    for kind, ending in _PICTURES.items():
        if kind in output.data:
            content = output.data[kind]
            file = f"{name}.{ending}"
            is_text = ending == "svg"
            pictures[file] = content.encode() if is_text else base64.b64decode(content)
            return f"![Output of the cell above](../notebooks/{file})"
    if "text/html" in output.data:
        # In one block: an empty line would end the HTML.
        html = re.sub(r"\n\s*\n", "\n", output.data["text/html"])
        return f'<div class="output">{html}</div>'
    return _fenced(output.data.get("text/plain", ""), "text")
