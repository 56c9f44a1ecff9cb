"""The kernel's side of the size map: counting, boxes, and what no browser is needed for."""

import asyncio
import json
import re
import time
from base64 import b64decode
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from tests.waiting import LONG, until
from tests.widgets.front import Front, KernelError
from tests.widgets.listings import Gate, ListedStore, real_listing
from zstore import LatencyStore, LocalStore, MemoryStore, Store, Usage
from zstore.buffer import cpu
from zstore.errors import BackendError, InvalidTypeError
from zstore_widgets.channel import MAX_MESSAGE_NBYTES
from zstore_widgets.size_map import SizeMap
from zstore_widgets.sizes.picture import Rect, squarified
from zstore_widgets.sizes.requests import MAX_BOXES
from zstore_widgets.sizes.tree import KINDS, SizeTree

EVIL = ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "__proto__", "a&b\"'", "\u200b"]


def numbered(count: int) -> list[tuple[str, int]]:
    return [(f"{i % 10}/{i:06}", i) for i in range(count)]


def largest_message(front: Front) -> int:
    messages = [json.dumps(message, ensure_ascii=False) for message, _ in front.messages]
    return max(len(message.encode()) for message in messages)


class Boxes:
    """An answer of the request, as the page reads it."""

    def __init__(self, answer) -> None:
        self.rows = [row for part in answer.parts for row in part]
        self.totals = answer.result
        self.rests = answer.result["rests"]

    def upper(self) -> dict[str, tuple[str, int, int]]:
        return {
            name: (KINDS[kind], nkeys, nbytes)
            for parent, name, kind, nkeys, nbytes, _ in self.rows
            if parent < 0
        }


async def boxes(
    front: Front, path: str = "", limit: int = 2000, by: str = "bytes"
) -> Boxes:
    return Boxes(await front.call("boxes", path=path, limit=limit, by=by))


class TestScanning:
    async def test_the_real_listing_is_counted_in_full(self):
        real = real_listing()
        view = SizeMap(ListedStore(real))
        front = Front(view)
        answer = await front.call("scan")
        total = (len(real), sum(nbytes for _, nbytes in real))
        assert (answer.result["nkeys"], answer.result["nbytes"]) == total
        assert answer.result["state"] == "complete"
        for path in ("", "0", "0/0/0/0/0"):
            level = await boxes(front, path)
            below = [(k, n) for k, n in real if k.startswith(f"{path}/" if path else "")]
            shown = level.upper().values()
            assert sum(nkeys for _, nkeys, _ in shown) == len(below)
            assert sum(nbytes for _, _, nbytes in shown) == sum(n for _, n in below)
            assert level.totals["nkeys"] == len(below)
        assert largest_message(front) <= MAX_MESSAGE_NBYTES
        view.close()

    async def test_progress_is_told_and_not_too_often(self):
        gate = Gate()
        front = Front(SizeMap(ListedStore(numbered(60_000), gate=gate)))
        start = time.monotonic()
        call = asyncio.ensure_future(front.call("scan"))
        for number in range(60):
            gate.let(1)
            await asyncio.sleep(0.01)
            # The listing does not end before a second part was told.
            if number == 50:
                await until(lambda: len(front.messages) >= 2)
        answer = await call
        counts = [part["nkeys"] for part in answer.parts]
        assert counts == sorted(counts)
        # Five times a second.
        assert 2 <= len(counts) <= (time.monotonic() - start) / 0.2 + 2
        assert answer.parts[0]["state"] == "scanning"
        assert answer.result["nkeys"] == 60_000
        assert answer.result["rate"] == pytest.approx(60_000 / answer.result["seconds"])

    async def test_a_stop_holds_the_listing_and_resume_goes_on_with_it(self):
        gate = Gate(3)
        store = ListedStore(numbered(10_000), gate=gate)
        view = SizeMap(store)
        front = Front(view)
        call = asyncio.ensure_future(front.call("scan"))
        await until(lambda: view.usage.nkeys == 3000)
        await front.call("pause_scan")
        stopped = await call
        assert (stopped.result["state"], stopped.result["nkeys"]) == ("stopped", 3000)
        assert not view.usage.complete
        gate.let(100)
        await asyncio.sleep(0.05)
        assert gate.passed <= 4  # the batch that was under way
        level = await boxes(front)
        assert sum(nkeys for _, nkeys, _ in level.upper().values()) == view.usage.nkeys
        assert "≥" in view.text()
        assert "partial" in view.text()
        resumed = await front.call("scan")
        assert resumed.result["state"] == "complete"
        assert resumed.result["nkeys"] == 10_000  # nothing twice
        assert store.nscans == 1

    async def test_restart_counts_anew(self):
        store = ListedStore(numbered(2000))
        view = SizeMap(store)
        front = Front(view)
        await front.call("scan")
        store.items = numbered(500)
        answer = await front.call("scan", restart=True)
        assert (answer.result["nkeys"], store.nscans) == (500, 2)
        level = await boxes(front)
        assert sum(nkeys for _, nkeys, _ in level.upper().values()) == 500

    async def test_a_scan_that_nobody_watches_waits(self):
        gate = Gate(2)
        view = SizeMap(ListedStore(numbered(10_000), gate=gate))
        front = Front(view)
        number = front.send("scan", restart=False)
        await until(lambda: view.usage.nkeys == 2000)
        front.cancel(number)
        await until(lambda: view._scan.state == "stopped")
        gate.let(100)
        await asyncio.sleep(0.05)
        assert gate.passed <= 3
        # Nobody stopped it: who looks again, lets it go on.
        assert (await front.call("size_status")).result["starts"]

    async def test_an_error_keeps_what_is_known_and_can_be_tried_again(self):
        store = ListedStore(numbered(10_000), fail_at=4000)
        view = SizeMap(store)
        front = Front(view)
        with pytest.raises(KernelError, match="500 Internal Server Error") as told:
            await front.call("scan")
        assert told.value.kind == "BackendError"
        status = (await front.call("size_status")).result
        assert (status["state"], status["nkeys"], status["starts"]) == (
            "failed",
            4000,
            False,
        )
        assert "500 Internal Server Error" in status["problem"]
        assert (await boxes(front)).totals["nkeys"] == 4000
        assert "500 Internal Server Error" in view.text()
        again = await front.call("scan")
        assert (again.result["state"], again.result["nkeys"]) == ("complete", 10_000)
        assert (await boxes(front)).totals["nkeys"] == 10_000

    async def test_what_is_known_stays_until_a_second_try_has_passed_it(self):
        gate = Gate(5)
        view = SizeMap(ListedStore(numbered(10_000), gate=gate, fail_at=4000))
        front = Front(view)
        with pytest.raises(KernelError):
            await front.call("scan")
        gate.let(2)
        call = asyncio.ensure_future(front.call("scan"))
        await until(lambda: gate.passed == 7)
        await until(lambda: view._scan.status()["counted"] == 2000)
        assert view.usage.nkeys == 4000
        gate.let(100)
        assert (await call).result["nkeys"] == 10_000

    async def test_a_store_that_hangs_is_said_and_can_be_left(self):
        gate = Gate()
        store = ListedStore(numbered(10), gate=gate)
        view = SizeMap(store)
        front = Front(view)
        assert view._channel is not None
        view._channel._patience = 0.2
        with pytest.raises(KernelError, match=r"no answer within 0\.2 seconds"):
            await front.call("scan")
        view._channel._patience = LONG
        gate.let(1)
        assert (await front.call("scan")).result["state"] == "complete"
        assert store.nscans == 1

    async def test_closing_the_view_closes_the_listing(self):
        gate = Gate(2)
        store = ListedStore(numbered(10_000), gate=gate)
        view = SizeMap(store)
        Front(view).send("scan", restart=False)
        await until(lambda: view.usage.nkeys == 2000)
        assert store.nopen == 1
        view.close()
        await until(lambda: store.nopen == 0)
        assert view.usage.nkeys == 2000

    @pytest.mark.parametrize("kind", ["memory", "local", "latency", "other"])
    async def test_only_a_store_in_this_computer_starts_by_itself(self, kind, tmp_path):
        stores: dict[str, Callable[[], Store]] = {
            "memory": MemoryStore,
            "local": lambda: LocalStore(tmp_path),
            "latency": lambda: LatencyStore(MemoryStore(), latency=0.01),
            "other": lambda: ListedStore([]),
        }
        status = (await Front(SizeMap(stores[kind]())).call("size_status")).result
        assert status["starts"] == (kind in {"memory", "local"})
        assert status["state"] == "new"


class TestInTheKernel:
    async def test_it_is_counted_without_a_browser(self):
        view = SizeMap({"a/x": b"123", "b": b"4567"})
        assert view.text().endswith(": not counted yet")
        usage = await view.scan()
        assert usage == view.usage
        assert usage == Usage(
            2, 7, {"a": (1, 3), "a/x": (1, 3), "b": (1, 4)}, complete=True
        )
        assert view.text().splitlines()[1:] == [
            "name  keys  size  share",
            "b        1   4 B  57.1%",
            "a/       1   3 B  42.9%",
        ]
        await until(lambda: view.still == view.text())

    async def test_an_error_is_raised_and_what_was_counted_stays(self):
        view = SizeMap(ListedStore(numbered(10_000), fail_at=4000))
        with pytest.raises(BackendError, match="500"):
            await view.scan()
        assert (view.usage.nkeys, view.usage.complete) == (4000, False)
        assert (await view.scan()).complete

    async def test_to_cancel_it_stops_the_count(self):
        gate = Gate(2)
        view = SizeMap(ListedStore(numbered(10_000), gate=gate))
        scan = asyncio.ensure_future(view.scan())
        await until(lambda: view.usage.nkeys == 2000)
        scan.cancel()
        with pytest.raises(asyncio.CancelledError):
            await scan
        await until(lambda: view._scan.state == "stopped")
        gate.let(100)
        assert (await view.scan()).nkeys == 10_000

    async def test_only_what_lies_below_the_path_is_counted(self):
        store = MemoryStore()
        await store.set_many({"in/a": b"1", "in/b/c": b"22", "out": b"333"})
        view = SizeMap(store, "in")
        assert (await view.scan()).children == {"a": (1, 1), "b": (1, 2), "b/c": (1, 2)}

    @pytest.mark.parametrize("depth", [0, 33, 1.5, True])
    def test_a_depth_is_a_number_from_1_to_32(self, depth):
        with pytest.raises(InvalidTypeError, match="depth must be an int from 1 to 32"):
            SizeMap({}, depth=depth)


class TestBoxes:
    async def test_kinds_are_known_by_names(self):
        names = {
            "v2/.zgroup": "metadata",
            "v2/a/.zarray": "metadata",
            "v2/a/0.0": "chunks",
            "v3/zarr.json": "metadata",
            "v3/b/zarr.json": "metadata",
            "v3/b/c/0/0": "chunks",
            "n5/attributes.json": "metadata",
            "n5/d/attributes.json": "metadata",
            "n5/d/0/1": "chunks",
            "folder/v2/.zarray": "metadata",
            "notes/readme.md": "other",
            "zarr.json": "metadata",
        }
        tree = SizeTree(await SizeMap(dict.fromkeys(names, cpu.Buffer(b"1"))).scan())
        kinds = {
            box.path: box.kind
            for path in (
                "",
                "v2",
                "v2/a",
                "v3",
                "v3/b",
                "v3/b/c",
                "n5/d",
                "n5",
                "notes",
                "folder",
            )
            for box in tree.level(path, limit=100).boxes
        }
        assert kinds == {
            **names,
            **dict.fromkeys(["v2", "v3", "n5", "folder"], "group"),
            **dict.fromkeys(["v2/a", "v3/b", "n5/d", "folder/v2"], "array"),
            **dict.fromkeys(["v3/b/c", "v3/b/c/0", "n5/d/0"], "chunks"),
            "notes": "other",
        }

    async def test_there_are_no_more_than_asked_for_and_nothing_is_lost(self):
        front = Front(SizeMap(ListedStore([(f"{i % 700}/{i}", i) for i in range(70_000)])))
        await front.call("scan")
        in_store = [70_000, sum(range(70_000))]
        for limit in (2, 10, 700, 2000, 1_000_000):
            found = await boxes(front, limit=limit)
            assert len(found.rows) + len(found.rests) <= min(limit, MAX_BOXES)
            in_all = {-1: (0, 0)}
            rows = [[row[0], *row[3:5]] for row in found.rows]
            for parent, nkeys, nbytes in rows + [[r[0], *r[2:]] for r in found.rests]:
                known = in_all.get(parent, (0, 0))
                in_all[parent] = (known[0] + nkeys, known[1] + nbytes)
            for parent, total in in_all.items():
                above = found.rows[parent][3:5] if parent >= 0 else in_store
                assert list(total) == above
        few = await boxes(front, limit=10)
        assert few.rests[0][1] == 700 - 5

    async def test_folders_that_are_all_of_a_box_are_not_boxes_of_it(self):
        view = SizeMap({f"a/0/0/{i}": b"12" for i in range(3)} | {"a/.zarray": b""})
        await view.scan()
        tree = SizeTree(view.usage)
        names = [(box.parent, box.name) for box in tree.level(limit=100).boxes]
        assert names == [(-1, "a"), (0, "0/0/0"), (0, "0/0/1"), (0, "0/0/2")]

    async def test_what_is_largest_may_be_by_keys(self):
        view = SizeMap({"many/1": b"", "many/2": b"", "one": b"12345"})
        front = Front(view)
        await front.call("scan")
        assert list((await boxes(front)).upper()) == ["one", "many"]
        assert list((await boxes(front, by="keys")).upper()) == ["many", "one"]

    async def test_a_path_that_is_not_there_has_no_boxes(self):
        front = Front(SizeMap({"a": b"1"}))
        await front.call("scan")
        for path in ("missing", "a/b", "../x", "/", "a/"):
            found = await boxes(front, path)
            assert (found.rows, found.totals["nkeys"]) == ([], 0)
        with pytest.raises(KernelError, match="wrong type"):
            await boxes(front, by="colour")


class TestHostileStores:
    async def test_a_level_of_200_000_names_stays_within_a_message(self):
        front = Front(SizeMap(ListedStore([(f"{'n' * 40}{i}", i) for i in range(200_000)])))
        await front.call("scan")
        found = await boxes(front)
        assert len(found.rows) == 1000
        assert found.rests[0][1] == 199_000
        assert largest_message(front) <= MAX_MESSAGE_NBYTES

    async def test_a_thousand_levels_are_counted_in_those_above(self):
        deep = [("/".join(["d" * 9] * 1000) + f"/{i}", 1) for i in range(50)]
        view = SizeMap(ListedStore(deep), depth=3)
        front = Front(view)
        await front.call("scan")
        assert list(view.usage.children.values()) == [(50, 50)] * 3
        name = "d" * 9
        found = await boxes(front, f"{name}/{name}/{name}")
        assert (found.rows, found.totals["nkeys"]) == ([], 50)

    async def test_long_names_are_cut_and_still_fit(self):
        names = [f"{i}" + "é" * 5000 for i in range(2000)]
        front = Front(SizeMap(ListedStore([(f"{name}/x", 1) for name in names])))
        await front.call("scan")
        found = await boxes(front)
        assert all(len(row[1]) == 1025 and not row[5] for row in found.rows)
        assert largest_message(front) <= MAX_MESSAGE_NBYTES

    async def test_no_more_paths_are_kept_than_may_be(self, monkeypatch):
        monkeypatch.setattr("zstore_widgets.sizes.scan.MAX_PATHS", 100)
        view = SizeMap(ListedStore(numbered(5000)))
        answer = await Front(view).call("scan")
        assert (answer.result["nkeys"], answer.result["full"]) == (5000, True)
        assert len(view.usage.children) == 100

    async def test_names_are_text_in_every_form_without_a_browser(self):
        view = SizeMap({f"{name}/x": bytes(9) for name in EVIL})
        await view.scan()
        html = view.html()
        assert "<img src=x" not in html
        assert "\u202e" not in html + view.text()
        assert r"\u202egnp.exe" in view.text()
        [picture] = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
        svg = ET.fromstring(b64decode(picture))  # noqa: S314 -- made here
        tags = {element.tag.rpartition("}")[2] for element in svg.iter()}
        assert tags == {"svg", "rect", "text"}
        texts = [element.text for element in svg.iter() if element.tag.endswith("text")]
        assert any("<img" in (text or "") for text in texts)
        assert not re.search("<(script|style|a|svg|object)", html)

    async def test_requests_that_no_page_sends_change_nothing(self):
        store = ListedStore(numbered(10))
        front = Front(SizeMap(store))
        for args in ({"restart": 1}, {"restart": None}, {"other": True}):
            with pytest.raises(KernelError):
                await front.call("scan", **args)
        with pytest.raises(KernelError):
            await front.call("boxes", path="x" * 10_000, limit=10)
        assert store.nscans == 0


class TestWithoutABrowser:
    def test_what_is_shown_where_no_widget_runs_was_counted(self):
        bundle = SizeMap({"a": b"123"})._repr_mimebundle_()
        assert bundle is not None
        text, html = bundle[0]["text/plain"], bundle[0]["text/html"]
        assert "1 key, 3 B" in text
        assert "<meter" in html
        assert 'alt="Map of the sizes' in html

    def test_a_store_elsewhere_is_not_counted_to_be_shown(self):
        store = ListedStore(numbered(10))
        bundle = SizeMap(store)._repr_mimebundle_()
        assert bundle is not None
        assert bundle[0]["text/plain"] == "SizeMap(listed://here): not counted yet"
        assert store.nscans == 0

    async def test_an_empty_store_says_so(self):
        view = SizeMap({})
        await view.scan()
        assert view.text().endswith(": 0 keys, 0 B")
        assert "<table" not in view.html()

    def test_squares_fill_their_frame(self):
        frame = Rect(0, 0, 6, 4)
        rects = squarified([6, 6, 4, 3, 2, 2, 1], frame)
        # The example of the paper, whose first two are 3 by 2 each.
        assert rects[:2] == [Rect(0, 0, 3, 2), Rect(0, 2, 3, 2)]
        assert sum(rect.width * rect.height for rect in rects) == pytest.approx(24)
        assert squarified([], frame) == []

    def test_a_store_that_cannot_be_opened_is_shown_all_the_same(self, tmp_path):
        path = tmp_path / "broken.zip"
        path.write_bytes(b"no archive at all")
        view = SizeMap(str(path))
        bundle = view._repr_mimebundle_()
        assert bundle is not None
        assert bundle[0]["text/plain"].endswith(": not counted yet")
