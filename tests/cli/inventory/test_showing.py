"""``zstore inventory show``."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.console import printed, printed_json
from tests.display.stores import ocean
from zstore import LocalStore, sync
from zstore.cli import main
from zstore.inventory import Inventory
from zstore.inventory.snapshot.manifest import FINISHED


@pytest.fixture
def kept(sea: Path, tmp_path: Path) -> Path:
    """A snapshot of the store, which is taken away."""
    place = tmp_path / "sizes"
    sync.run(Inventory.scan(sea, snapshot=place)).close()
    sea.rename(tmp_path / "away")
    return place


def test_it_says_of_when_it_is_and_what_is_largest(kept: Path):
    lines = printed("inventory", "show", kept).splitlines()
    assert lines[0].startswith("file://")
    assert "sea.zarr, as of 20" in lines[0]
    assert lines[0].endswith((" UTC, just now", " ago"))
    assert [line.split()[-1] for line in lines[2:-1]] == [
        "plain/",
        "ocean/",
        "readme.txt",
        ".zgroup",
        ".zattrs",
    ]
    assert lines[-1] == "10 keys, 2.3 KiB"


def test_of_a_part_as_many_children_and_keys_as_one_asks_for(kept: Path):
    text = printed("inventory", "show", kept, "--prefix", "ocean", "--top", "1")
    lines = text.splitlines()
    assert lines[2].split() == ["189", "B", "55.8%", "4", "temp/"]
    assert lines[3] == "… and 2 keys, 150 B more"
    assert lines[-3].split()[-1] == "ocean/temp/.zarray"
    assert lines[-1] == "6 keys, 339 B"


def test_json_has_exact_numbers(kept: Path):
    told = printed_json("inventory", "show", kept)
    assert told["nbytes"] == sum(map(len, ocean().values()))
    assert told["children"][0] == {"name": "plain/", "nkeys": 1, "nbytes": 2000}
    assert told["store"].endswith("sea.zarr")
    assert told["as_of"].endswith("+00:00")


def test_the_arrays_say_how_much_of_them_is_stored(kept: Path):
    lines = printed("inventory", "show", kept, "--arrays").splitlines()
    assert lines[1].split() == ["size", "chunks", "shape", "dtype", "path"]
    assert "189 B  2 of 4  4 \N{MULTIPLICATION SIGN} 6  float32  ocean/temp" in lines
    assert len(lines) == 4
    told = printed_json("inventory", "show", kept, "--arrays", "--prefix", "ocean/salt")
    [salt] = told["arrays"]
    assert (salt["path"], salt["missing"], salt["shape"]) == ("ocean/salt", 2, [10])
    none = printed("inventory", "show", kept, "--arrays", "--prefix", "plain")
    assert none.splitlines()[-1] == "no arrays"


def test_where_nothing_is_it_says_so_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["inventory", "show", str(tmp_path / "no")]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()
    assert main(["inventory", "show", str(tmp_path)]) == 1
    assert "there is no inventory" in capsys.readouterr().err


def test_a_damaged_snapshot_is_an_error(kept: Path, capsys: pytest.CaptureFixture[str]):
    (kept / FINISHED).write_text("[]")
    assert main(["inventory", "show", str(kept)]) == 1
    assert "is no manifest" in capsys.readouterr().err


def test_a_partial_snapshot_is_marked(kept: Path):
    manifest = json.loads((kept / FINISHED).read_text())
    manifest["holes"] = [{"after": "plain", "until": None, "reason": "refused"}]
    (kept / FINISHED).write_text(json.dumps(manifest))
    assert printed("inventory", "show", kept).splitlines()[-1].endswith(" (partial)")
    assert printed_json("inventory", "show", kept)["complete"] is False
    # What lies before the hole is known in full.
    whole = printed("inventory", "show", kept, "--prefix", "ocean")
    assert whole.splitlines()[-1] == "6 keys, 339 B"


def test_a_report_of_s3_is_shown_as_a_snapshot(tmp_path: Path):
    bucket = LocalStore(tmp_path / "reports")
    sync.run(_report(bucket))
    lines = printed(
        "inventory", "show", tmp_path / "reports", "--report", "x/manifest.json"
    ).splitlines()
    assert lines[-1] == "2 keys, 12 B"
    assert lines[2].split()[-1] == "b/"


async def _report(bucket: LocalStore) -> None:
    content = gzip.compress(b'"mine","a","5"\n"mine","b/c","7"\n')
    await bucket.set("x/data/1.csv.gz", content)
    manifest = {
        "sourceBucket": "mine",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": "1763769600000",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [
            {
                "key": "x/data/1.csv.gz",
                "size": len(content),
                "MD5checksum": hashlib.md5(content).hexdigest(),  # noqa: S324 -- as S3 does
            }
        ],
    }
    await bucket.set("x/manifest.json", json.dumps(manifest).encode())
