"""What the pages say of the code is so."""

import re

import zstore
from tests.docs.building import ROOT
from zstore.testing import CHECKS

CITED = re.compile(r"^- `([^`]+)`:((?:\s+`\w+`,?)+)", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_the_guarantees_name_tests_that_exist():
    checks = {check.__name__ for check in CHECKS}
    cited = 0
    for place, names in CITED.findall(read("guarantees.md")):
        text = "" if place == "zstore.testing" else (ROOT / place).read_text()
        for name in re.findall(r"`(\w+)`", names):
            cited += 1
            assert name in checks or f"def {name}(" in text, f"{place}: {name}"
    assert cited > 50


def test_the_guarantees_speak_of_every_store():
    text = read("guarantees.md")
    for section in re.findall(
        r"^## (?:Writing|Reading|Listing|Threads).*?^<details",
        text,
        re.MULTILINE | re.DOTALL,
    ):
        for store in ("Memory", "GpuMemory", "Local", "Zip", "Fsspec", "Object"):
            assert re.search(rf"^\|.*`{store}Store", section, re.MULTILINE), section[:30]


def test_troubleshooting_names_every_error():
    text = read("troubleshooting.md")
    base = {"ZStoreError"}
    assert not [
        name
        for name in zstore.errors.__all__
        if name not in base and f"`{name}`" not in text
    ]


def test_the_sentences_are_those_that_the_code_says():
    code = "".join(path.read_text() for path in sorted((ROOT / "zstore").rglob("*.py")))
    # Sentences are broken over lines of the code, as neighbouring strings.
    code = re.sub(r'"\s*\n\s*f?"', "", code)
    table = read("troubleshooting.md").partition("|---|")[2].partition("\n\n")[0]
    sentences = [row.split("|")[1] for row in table.splitlines()[1:]]
    assert len(sentences) > 15
    for sentence in sentences:
        for piece in re.split("…", sentence):
            assert piece.strip(" :;,.") in code, piece
