"""``zstore info``."""

import signal
from pathlib import Path

import numpy as np
import pytest
import zarr

import zstore
from tests.cli.console import printed, printed_json, start
from tests.cli.console import zstore as run
from tests.servers import HttpServer
from zstore import LocalStore
from zstore.cli import main


def facts(text: str) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in text.splitlines() if " " in line.strip())


def test_a_store_is_told_by_what_it_can_and_holds(sea: Path):
    told = facts(printed("info", sea))
    assert told["store"].startswith("LocalStore('file://")
    assert told["can"] == "listing, writes, deletes, partial writes"
    assert told["is"] == "group, Zarr v2"
    assert told["title"] == "sea"


def test_an_array_is_told_as_people_read_it(sea: Path):
    told = facts(printed("info", sea, "ocean/temp"))
    times = "\N{MULTIPLICATION SIGN}"
    assert told["shape"] == f"4 {times} 6"
    assert told["dtype"] == "float32, 96 B"
    assert told["chunks"] == f"2 {times} 3"
    assert told["grid"] == f"2 {times} 2"
    assert told["present"] == "2 of 4"
    assert told["stored"] == "48 B"
    assert told["ratio"] == "1.0"
    assert told["fill"] == "0"


def test_an_array_of_zarr_is_told_whole(tmp_path: Path):
    store = LocalStore(tmp_path / "a.zarr")
    array = zarr.create_array(
        zstore.as_zarr(store),
        shape=(40, 60),
        chunks=(10, 10),
        shards=(20, 20),
        dtype="int16",
        dimension_names=("lat", "lon"),
        fill_value=-1,
    )
    array[:20, :40] = np.arange(800).reshape(20, 40)
    array.attrs.update({"units": "K", "note": "a\x1b[31m", "scale": 0.5})
    told = facts(printed("info", tmp_path / "a.zarr"))
    assert told["is"] == "array, Zarr v3"
    assert told["dimensions"] == "lat, lon"
    assert "shards" in told
    assert told["present"] == "2 of 6"
    assert told["units"] == "K"
    assert told["scale"] == "0.5"
    assert told["note"] == "a\\x1b[31m"
    exact = printed_json("info", tmp_path / "a.zarr")
    assert exact["shape"] == [40, 60]
    assert exact["shard_shape"] == [20, 20]
    assert exact["fill_value"] == -1
    assert (exact["nchunks"], exact["nchunks_stored"]) == (6, 2)
    assert exact["complete"] is True
    files = [path for path in tmp_path.rglob("c/*/*") if path.is_file()]
    assert exact["nbytes"] == sum(path.stat().st_size for path in files)
    assert exact["ratio"] == 2 * 400 * 2 / exact["nbytes"]


def test_a_value_and_a_folder_are_told_apart(sea: Path):
    assert facts(printed("info", sea, "readme.txt"))["size"] == "26 B"
    assert "no Zarr or N5 metadata" in printed("info", sea, "plain")
    assert printed_json("info", sea, "readme.txt")["nbytes"] == 26
    assert facts(printed("info", sea, "plain/a/b/c.bin"))["size"] == "2.0 KiB (2,000 B)"


def test_what_is_not_there_is_one_line(sea: Path):
    done = run("info", sea, "nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "zstore: no value is stored under 'nothing'\n"


def test_metadata_that_nobody_understands_are_a_problem_not_an_error(tmp_path: Path):
    (tmp_path / "zarr.json").write_text('{"zarr_format": 3, "node_type": "array"}')
    told = facts(printed("info", tmp_path))
    assert told["is"] == "array, Zarr v3"
    assert told["problem"]
    assert printed_json("info", tmp_path)["problem"] == told["problem"]


def test_chunks_that_cannot_be_listed_are_not_counted(http_server: HttpServer, sea: Path):
    http_server.lists = False
    folder = sea / "ocean/temp"
    http_server.values.update({p.name: p.read_bytes() for p in folder.iterdir()})
    done = run("info", http_server.url)
    told = facts(done.stdout)
    assert told["is"] == "array, Zarr v2"
    assert told["stored"].startswith("not counted: ")
    assert "does not support listing" in told["stored"]
    assert done.returncode == 0


SLOW = """
import asyncio, sys
import zstore.cli.describing as describing
import numpy as np
import pytest
from zstore.cli import main
from zstore.hierarchy import Chunks

async def scan_chunks(store, node):
    yield Chunks(np.zeros((1, 2), dtype=np.int64), np.array([24]))
    print("counted", file=sys.stderr, flush=True)
    await asyncio.sleep(60)

describing.scan_chunks = scan_chunks
sys.exit(main())
"""


def test_after_ctrl_c_it_prints_what_was_counted(sea: Path, tmp_path: Path):
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    with start("info", sea, "ocean/temp", script=script) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "counted\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert facts(out)["present"] == "1 of 4 (partial: the count was interrupted)"


def test_after_ctrl_c_before_anything_is_known_nothing_is_printed(
    sea: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("zstore.cli.describing.with_store", interrupt)
    assert main(["info", str(sea)]) == 130
    assert capsys.readouterr().out == ""


def test_consolidated_metadata_are_told(tmp_path: Path):
    store = zstore.as_zarr(LocalStore(tmp_path / "a.zarr"))
    group = zarr.open_group(store, mode="w", zarr_format=2)
    group.create_array("a", shape=(2,), dtype="i4")
    zarr.consolidate_metadata(store)
    assert facts(printed("info", tmp_path / "a.zarr"))["metadata"] == "consolidated"


def test_real_arrays_are_told(shared: Path):
    told = facts(printed("info", shared / "zarr-v2-implementations", "blosc"))
    assert told["dtype"] == "uint8, 768 KiB"
    assert told["codecs"].startswith("blosc(")
    assert told["present"] == "108 of 108"
