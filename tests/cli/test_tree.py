"""``zstore tree``."""

from pathlib import Path

import pytest

import zstore
from tests.cli.console import printed, printed_json
from tests.cli.console import zstore as run
from tests.display.stores import ocean
from tests.servers import HttpServer
from zstore import sync
from zstore.cli import main


def test_it_shows_the_first_levels(sea: Path):
    lines = printed("tree", sea).splitlines()
    assert lines[0].endswith("1 group, 2 arrays, 2 folders, 1 key in the first 2 levels")
    assert [line.split()[-1] for line in lines if "plain" in line] == ["plain/"]
    assert any("temp/" in line and "float32" in line for line in lines)


def test_levels_and_the_place_to_begin_can_be_chosen(sea: Path):
    assert "notes.txt" in printed("tree", sea, "--depth", "3")
    assert "notes.txt" in printed("tree", sea, "ocean/temp", "--depth", "1")


@pytest.mark.parametrize("depth", ["0", "-1", "two"])
def test_levels_are_a_positive_number(depth: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as exit_:
        main(["tree", "x", "--depth", depth])
    assert exit_.value.code == 2
    assert "--depth" in capsys.readouterr().err


def test_problems_are_in_json_too(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/.zarray").write_text("{")
    (child,) = printed_json("tree", tmp_path)["children"]
    assert child["problem"]


def test_an_archive_is_shown_like_a_folder(sea: Path, tmp_path: Path):
    archive = tmp_path / "sea.zip"
    with zstore.ZipStore(archive, mode="w") as store:
        sync.copy(sea, store)
    folder, packed = printed("tree", sea), printed("tree", archive)
    assert packed.splitlines()[1:] == folder.splitlines()[1:]


def test_json_has_exact_names_and_integers(sea: Path):
    told = printed_json("tree", sea, "--depth", "3")
    assert (told["path"], told["kind"], told["hidden"]) == ("", "group", 0)
    children = {child["name"]: child for child in told["children"]}
    assert children["readme.txt"] == {
        "name": "readme.txt",
        "path": "readme.txt",
        "kind": "key",
        "nbytes": 26,
    }
    temp = next(c for c in children["ocean"]["children"] if c["name"] == "temp")
    assert (temp["shape"], temp["dtype"], temp["chunks"]) == ([4, 6], "float32", [2, 3])
    assert temp["children"][0]["nchunks"] == 2


def test_hostile_names_do_nothing(tmp_path: Path):
    for name in ("exe\u202egnp", "a\u2028b", "c\x9bd", "=cmd()", "<b>", "[bold]x"):
        (tmp_path / name).write_bytes(b"1")
    shown = printed("tree", tmp_path)  # it fails if a line has what acts
    assert "exe\\u202egnp" in shown
    assert "<b>" in shown
    assert "[bold]x" in shown
    assert "exe\\u202egnp" in printed("du", tmp_path)


def test_a_store_that_cannot_be_listed_fails_and_says_why(http_server: HttpServer):
    http_server.lists = False
    http_server.values.update(ocean())
    done = run("tree", http_server.url)
    assert done.returncode == 1
    assert "⚠ " in done.stdout


def test_a_web_server_with_pages_is_shown(http_server: HttpServer):
    http_server.values.update(ocean())
    shown = printed("tree", http_server.url)
    assert "ocean/" in shown
    assert "temp/" in shown


def test_real_arrays_are_shown(shared: Path):
    shown = printed("tree", shared / "zarr-v2-implementations")
    assert shown.count("108 of 108") == 4
