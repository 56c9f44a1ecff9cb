"""``zstore inventory scan``, and ``zstore du`` with a snapshot."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.console import Done, printed, printed_json, start, zstore
from tests.display.stores import ocean
from zstore import sync
from zstore.cli import main
from zstore.inventory import Inventory
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED

NBYTES = sum(map(len, ocean().values()))


def test_a_scan_says_how_much_it_found_and_keeps_it(sea: Path, tmp_path: Path):
    place = tmp_path / "sizes"
    line = printed("inventory", "scan", sea, place).splitlines()[0]
    assert line.startswith("10 keys, 2.3 KiB in ")
    assert (place / FINISHED).exists()
    told = printed_json("inventory", "scan", sea, place, "--prefix", "", "--depth", "2")
    assert (told["nkeys"], told["nbytes"], told["complete"]) == (10, NBYTES, True)


def test_only_a_part_is_scanned(sea: Path, tmp_path: Path):
    told = printed_json("inventory", "scan", sea, tmp_path / "x", "--prefix", "ocean/temp")
    assert (told["nkeys"], told["prefix"]) == (4, "ocean/temp")


def test_another_store_is_kept_elsewhere_or_with_restart(
    sea: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    other, place = tmp_path / "other", tmp_path / "sizes"
    other.mkdir()
    (other / "a").write_bytes(b"1")
    printed("inventory", "scan", sea, place)
    assert main(["inventory", "scan", str(other), str(place)]) == 1
    assert "restart" in capsys.readouterr().err
    assert printed("inventory", "scan", other, place, "--restart").startswith("1 key, 1 B")


def test_du_with_a_snapshot_shows_the_largest_children_and_keys(sea: Path, tmp_path: Path):
    place = tmp_path / "sizes"
    lines = printed("du", sea, "--snapshot", place).splitlines()
    assert lines[0].split() == ["size", "share", "keys", "name"]
    assert lines[1].split()[-1] == "plain/"
    assert lines[-1] == "10 keys, 2.3 KiB"
    assert not any("largest" in line for line in lines)
    lines = printed("du", sea, "--snapshot", place, "--top", "2").splitlines()
    assert [line.split()[-1] for line in lines if "%" in line] == ["plain/", "ocean/"]
    assert "… and 3 keys, 60 B more" in lines
    head = next(at for at, line in enumerate(lines) if "largest keys" in line)
    keys = [line.split()[-1] for line in lines[head + 1 : head + 3]]
    assert keys == ["plain/a/b/c.bin", "ocean/temp/.zarray"]
    assert lines[-1] == "10 keys, 2.3 KiB"


def test_du_with_a_snapshot_gives_exact_numbers_as_json(sea: Path, tmp_path: Path):
    told = printed_json("du", sea, "ocean", "--snapshot", tmp_path / "x", "--top", "1")
    assert (told["prefix"], told["nkeys"], told["complete"]) == ("ocean", 6, True)
    assert told["children"] == [{"name": "temp/", "nkeys": 4, "nbytes": 189}]
    [largest] = told["largest"]
    assert (largest["key"], largest["nbytes"]) == ("ocean/temp/.zarray", 137)


def test_names_that_act_are_shown_as_escapes(tmp_path: Path):
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "\u202egnp.exe").write_bytes(b"1")
    (folder / "[red]x").mkdir()
    (folder / "[red]x" / "a").write_bytes(b"22")
    text = printed("du", folder, "--snapshot", tmp_path / "sizes", "--top", "5")
    assert "\\u202egnp.exe" in text
    assert "[red]x/" in text


def test_what_needs_no_snapshot_needs_no_extra(sea: Path):
    script = (
        "import sys; from zstore.cli import main; status = main(sys.argv[1:]);"
        " assert not {'pyarrow', 'duckdb', 'distributed'} & set(sys.modules);"
        " sys.exit(status)"
    )
    done = _python(script, "du", str(sea))
    assert (done.returncode, done.stderr) == (0, "")
    assert _python(script, "inventory", "--help").returncode == 0


def test_without_the_extra_it_says_what_is_missing(sea: Path, tmp_path: Path):
    script = (
        "import sys; sys.modules['duckdb'] = None; from zstore.cli import main;"
        " sys.exit(main(sys.argv[1:]))"
    )
    done = _python(script, "du", str(sea), "--snapshot", str(tmp_path / "x"))
    assert done.returncode == 1
    assert "zstore[inventory]" in done.stderr
    assert not (tmp_path / "x").exists()


def _python(script: str, *arguments: str) -> Done:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


SLOW = """
import asyncio, os, sys
import zstore.cli.places as places
from zstore import MemoryStore
from zstore.cli import main
from zstore.entries import KeyPage

class Slow(MemoryStore):
    def __str__(self):
        return "slow://bucket"

    async def _pages(self, prefix, after, until):
        keys = sorted(f"{i % 3}/{i:03}" for i in range(400))
        keys = [key for key in keys if key > after and (until is None or key <= until)]
        for start in range(0, len(keys), 100):
            if start >= 200 and os.environ["SLOW"] == "yes":
                print("waiting", file=sys.stderr, flush=True)
                await asyncio.sleep(300)
            page = keys[start : start + 100]
            yield KeyPage(page, [1024] * len(page))

async def open_store(place, mode):
    return Slow()

places.open_store = open_store
sys.exit(main())
"""


@pytest.mark.parametrize("command", ["du", "du --json", "inventory scan"])
def test_after_ctrl_c_what_was_found_is_kept_and_the_same_command_goes_on(
    tmp_path: Path, command: str
):
    script, place = tmp_path / "slow.py", tmp_path / "sizes"
    script.write_text(SLOW)
    arguments = ["inventory", "scan", "slow", str(place)]
    if command.startswith("du"):
        arguments = [*command.split(), "slow", "--snapshot", str(place)]
    process = start(*arguments, script=script, changes={"SLOW": "yes"})
    with process:
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert not set(err.split()) - {"waiting"}
    if command == "du --json":
        told = json.loads(out)
        assert told["complete"] is False
        assert 0 < told["nkeys"] < 400
        assert sum(child["nkeys"] for child in told["children"]) == told["nkeys"]
    else:
        assert "so far (partial: the scan was interrupted)" in out
        assert "the same command goes on from there" in out
    assert (place / UNFINISHED).exists()
    inventory = sync.run(Inventory.open(place))
    with inventory:
        assert 0 < inventory.nkeys < 400
    process = start(*arguments, script=script, changes={"SLOW": "no"})
    with process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "400" in out
    assert (place / FINISHED).exists()


def test_a_scan_that_leaves_something_out_fails_and_says_so(sea: Path, tmp_path: Path):
    done = zstore("inventory", "scan", tmp_path / "nothing", tmp_path / "sizes")
    assert done.returncode == 1
    assert "does not exist" in done.stderr
    assert not (tmp_path / "sizes").exists()
    # A snapshot in the store that is scanned would count itself.
    done = zstore("inventory", "scan", sea, sea / "sizes")
    assert done.returncode == 1
    assert "lies in the store that is scanned" in done.stderr


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with a worker in another process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize("kept", [True, False])
def test_workers_of_dask_scan_for_it(
    sea: Path, tmp_path: Path, scheduler: str, *, kept: bool
):
    options: list[str | Path] = ["--snapshot", tmp_path / "sizes"] if kept else []
    done = zstore("du", sea, "--dask", scheduler, "--json", *options)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["nkeys"], told["nbytes"], told["complete"]) == (10, NBYTES, True)
    assert told["children"][0] == {"name": "plain/", "nkeys": 1, "nbytes": 2000}
    assert (tmp_path / "sizes" / FINISHED).exists() == kept
