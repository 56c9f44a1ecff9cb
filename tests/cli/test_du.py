"""``zstore du``."""

import json
import signal
from pathlib import Path

import pytest

from tests.cli.console import printed, printed_json, start
from tests.display.stores import ocean
from zstore.cli import main


def test_it_counts_what_lies_below_the_largest_first(sea: Path):
    nbytes = sum(map(len, ocean().values()))
    lines = printed("du", sea).splitlines()
    assert lines[0].split() == ["size", "share", "keys", "name"]
    assert [line.split()[-1] for line in lines[1:-1]] == [
        "plain",
        "ocean",
        "readme.txt",
        ".zgroup",
        ".zattrs",
    ]
    assert lines[1].split()[:2] == ["2.0", "KiB"]
    assert lines[-1] == f"10 keys, {nbytes / 1024:.1f} KiB"


def test_only_a_part_can_be_counted(sea: Path):
    told = printed_json("du", sea, "ocean/temp")
    assert (told["nkeys"], told["complete"]) == (4, True)
    names = {child["name"]: child["nbytes"] for child in told["children"]}
    assert names["0.0"] == 24


def test_only_the_largest_are_shown_and_the_others_counted(sea: Path):
    lines = printed("du", sea, "--top", "2").splitlines()
    assert lines[-2] == "… 3 smaller"
    assert len(lines) == 1 + 2 + 2
    told = printed_json("du", sea, "--top", "2")
    assert (told["nchildren"], len(told["children"])) == (5, 2)


def test_nothing_is_nothing(tmp_path: Path):
    assert printed("du", tmp_path) == "0 keys, 0 B\n"


def test_values_without_bytes_have_no_share(tmp_path: Path):
    (tmp_path / "empty").write_bytes(b"")
    assert printed("du", tmp_path).splitlines()[-1] == "1 key, 0 B"


def test_json_has_integers(sea: Path):
    told = printed_json("du", sea)
    assert told["nbytes"] == sum(map(len, ocean().values()))
    assert told["nkeys"] == 10
    assert told["children"][0]["name"] == "plain"


SLOW = """
import asyncio, sys
from contextlib import aclosing
import zstore.cli.places as places
from zstore import MemoryStore
from zstore.cli import main
from zstore.stores.base import BaseStore

class Endless(MemoryStore):
    async def _scan(self, prefix):
        while True:
            yield [("a/b", 1024), ("c", 1024)]
            print("counted", file=sys.stderr, flush=True)
            await asyncio.sleep(60)

async def open_store(place, mode):
    return Endless()

places.open_store = open_store
sys.exit(main())
"""


@pytest.mark.parametrize("form", ["table", "json"])
def test_after_ctrl_c_it_prints_what_was_counted(tmp_path: Path, form: str):
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    options = ["--json"] if form == "json" else []
    process = start("du", "endless", *options, script=script)
    with process:
        assert process.stderr is not None
        assert process.stderr.readline() == "counted\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    if form == "json":
        told = json.loads(out)
        assert (told["nkeys"], told["nbytes"], told["complete"]) == (2, 2048, False)
    else:
        assert out.splitlines()[-1] == (
            "2 keys, 2.0 KiB so far (partial: the count was interrupted)"
        )


def test_in_a_terminal_progress_is_shown(
    sea: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["du", str(sea)]) == 0
    shown = capsys.readouterr()
    assert "keys/s" in shown.err
    assert "10 keys" in shown.out


def test_the_real_listing_of_an_image_is_counted(shared: Path):
    told = printed_json("du", shared / "zarr-v2-implementations")
    assert (told["nkeys"], told["complete"]) == (437, True)
