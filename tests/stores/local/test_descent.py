"""A walk keeps few folders open, and enters no other than it saw."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from zstore.stores.local.beneath import Root
from zstore.stores.local.descent import Descent, Step


def open_descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def at(root: Path, *, follow_symlinks: bool = False) -> Root:
    return Root(os.path.realpath(root), follow_symlinks=follow_symlinks)


@pytest.fixture
def chain(root: Path) -> Iterator[Path]:
    """A folder with a thousand below it, each in the one before."""
    path = root
    for _ in range(1000):
        path = path / "d"
        path.mkdir()
    yield root
    # Whoever tidies up after the tests would call itself a thousand times.
    while path != root:
        path.rmdir()
        path = path.parent


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
def test_a_thousand_levels_need_few_descriptors(chain: Path):
    before = open_descriptors()
    with Descent(at(chain)) as descent:
        assert descent.start("") is not None
        for depth in range(1, 1001):
            step = descent.enter("d")
            assert step is not None
            assert step.prefix == "d/" * depth
        assert len(open_descriptors() - before) < 40
        # On the way back those that were closed are opened again, if they are needed.
        for depth in range(999, 0, -1):
            descent.leave()
            here = descent.here()
            assert here is not None
            assert here.prefix == "d/" * depth
            assert Path(f"/proc/self/fd/{here.fd}").readlink() == chain / ("d/" * depth)
        assert len(open_descriptors() - before) < 40
    assert open_descriptors() == before


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
def test_a_folder_that_went_meanwhile_is_not_opened_again(chain: Path):
    with Descent(at(chain)) as descent:
        descent.start("")
        for _ in range(100):
            descent.enter("d")
        (chain / "d").rename(chain / "e")
        for _ in range(99):
            descent.leave()
        assert descent.here() is None
        assert descent.enter("d") is None
        descent.leave()
        assert isinstance(descent.here(), Step)
        assert isinstance(descent.enter("e"), Step)
    (chain / "e").rename(chain / "d")


def test_what_is_no_folder_is_not_entered(root: Path, outside: Path):
    (root / "file").write_bytes(b"")
    (root / "link").symlink_to(outside)
    os.mkfifo(root / "fifo")
    before = open_descriptors()
    with Descent(at(root)) as descent:
        descent.start("")
        assert [descent.enter(name) for name in ("file", "link", "fifo", "no")] == [
            None
        ] * 4
        here = descent.here()
        assert here is not None
        assert here.prefix == ""
    assert open_descriptors() == before


def test_a_link_to_a_folder_above_is_not_entered(root: Path, outside: Path):
    (root / "a").mkdir()
    (root / "a" / "circle").symlink_to(root)
    (root / "a" / "other").symlink_to(outside)
    before = open_descriptors()
    with Descent(at(root, follow_symlinks=True)) as descent:
        descent.start("")
        assert descent.enter("a") is not None
        assert descent.enter("circle") is None
        for _ in range(2):
            step = descent.enter("other")
            assert step is not None
            assert step.prefix == "a/other/"
            descent.leave()
    assert open_descriptors() == before


def test_a_folder_that_cannot_be_opened_is_an_error(root: Path, monkeypatch):
    (root / "a").mkdir()

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "no", "a")

    with Descent(at(root)) as descent:
        descent.start("")
        monkeypatch.setattr("os.open", refuse)
        with pytest.raises(PermissionError):
            descent.enter("a")


def test_the_top_may_be_missing(root: Path):
    (root / "file").write_bytes(b"")
    with Descent(at(root)) as descent:
        assert descent.start("no/") is None
        assert descent.start("file/") is None
