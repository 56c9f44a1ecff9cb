"""What a notebook shows for a store at the end of a cell."""

import time
import warnings
from collections.abc import Collection
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from tests.display.stores import FailingStore, HangingStore, StubbornStore, evil, ocean
from tests.scripts import run_script
from tests.waiting import LONG
from zstore import (
    LatencyStore,
    LocalStore,
    LoggingStore,
    MemoryStore,
    PrefixStore,
    StorePath,
    ZipStore,
    sync,
)
from zstore.display import bundle, mimebundle
from zstore.errors import MissingDependencyError, ZStoreWarning

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def no_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the widgets are not installed; tests of the widgets offer their own."""
    offer(monkeypatch)


def offer(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Offer functions of this module as the entry points that show a store."""
    entries = [EntryPoint(name, f"{__name__}:{name}", bundle.GROUP) for name in names]
    loaded = {name: globals()[name] for name in names}
    monkeypatch.setattr(EntryPoint, "load", lambda entry: loaded[entry.name])
    monkeypatch.setattr(bundle, "entry_points", lambda **_: entries)


class Shown:
    """A widget, as far as a display asks it."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def _repr_mimebundle_(self, *, exclude: Collection[str]) -> object:
        # It need not look at the store once more.
        assert set(exclude) == {"text/plain", "text/html"}
        return self.answer


SEEN: list[tuple[object, str]] = []


def widget(store: object, path: str) -> Shown:
    SEEN.append((store, path))
    return Shown({VIEW: {"model_id": "1"}, "text/plain": "Widget(at 0x7f)"})


class Still(Shown):
    still = ""


KEPT: list[Still] = []


def widget_with_still(store: object, path: str) -> Shown:
    del store, path
    KEPT[:] = [Still({VIEW: {}})]
    return KEPT[0]


def widget_with_metadata(store: object, path: str) -> Shown:
    del store, path
    return Shown(({VIEW: {}, "text/html": "<b>last state</b>"}, {VIEW: {"x": 1}}))


def widget_of_nothing(store: object, path: str) -> Shown:
    del store, path
    return Shown(None)


def uninstalled(store: object, path: str) -> Shown:
    del store, path
    raise MissingDependencyError("anywidget", extra="widgets")


def broken(store: object, path: str) -> Shown:
    del store, path
    msg = "GET https://me:word@host/x failed"
    raise RuntimeError(msg)


def sea() -> MemoryStore:
    store = MemoryStore()
    sync.run(store.set_many(ocean()))
    return store


def test_a_store_has_a_text_and_a_page_without_scripts():
    data, metadata = mimebundle(sea())
    assert sorted(data) == ["text/html", "text/plain"]
    assert metadata == {}
    assert data["text/plain"].splitlines() == [
        "MemoryStore('memory://'): 1 group, 1 folder, 1 key in the first level",
        "├── ocean/      group",
        "├── plain/",
        "└── readme.txt  26 B",
    ]
    assert data["text/html"].startswith("<div")


def test_ipython_shows_the_very_same():
    store = sea()
    assert DisplayFormatter().format(store)[0] == mimebundle(store)[0]


def test_the_text_has_twenty_rows_at_most():
    store = MemoryStore({})
    sync.run(store.set_many({f"k{i:03}": b"1" for i in range(150)}))
    lines = mimebundle(store)[0]["text/plain"].splitlines()
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "… 81 lines more"


def test_places_and_synchronous_stores_show_what_they_stand_for():
    store = sea()
    path = mimebundle(StorePath(store, "ocean"))[0]["text/plain"]
    assert path.startswith("StorePath(MemoryStore, 'memory:///ocean'): 2 arrays")
    twin = mimebundle(sync.SyncStore(store))[0]["text/plain"]
    assert twin.startswith("SyncStore(MemoryStore('memory://')): 1 group")


@pytest.mark.parametrize("kind", ["local", "zip", "prefix"])
def test_every_kind_of_store_is_shown(tmp_path: Path, kind: str):
    stores = {
        "local": LocalStore(tmp_path / "a"),
        "zip": ZipStore(tmp_path / "a.zip", mode="w"),
        "prefix": PrefixStore(MemoryStore(), "a/b"),
    }
    store = stores[kind]
    sync.run(store.set_many(ocean()))
    text = mimebundle(store)[0]["text/plain"]
    assert "├── ocean/      group" in text
    sync.run(store.aclose())


def test_only_what_is_wanted_is_given():
    store = sea()
    assert set(mimebundle(store, include={"text/plain"})[0]) == {"text/plain"}
    assert set(mimebundle(store, exclude={"text/plain"})[0]) == {"text/html"}


def test_no_call_of_a_display_is_counted_or_waited_for():
    watched = LoggingStore(sea(), log_level="CRITICAL")
    # Whoever waited for it would give up, and show a sentence.
    slow = LatencyStore(watched, latency=3600)
    text = mimebundle(slow)[0]["text/plain"]
    assert "ocean/" in text
    assert text.startswith("LatencyStore(LoggingStore")
    assert not watched.counter
    assert watched.trace == []


def test_a_closed_store_is_a_sentence():
    store = sea()
    store.close()
    data = mimebundle(store)[0]
    assert "is closed" in data["text/plain"]
    assert "is closed" in data["text/html"]


def test_a_store_that_is_not_there_is_a_sentence(tmp_path: Path):
    data = mimebundle(LocalStore(tmp_path / "none", read_only=True))[0]
    assert "does not exist" in data["text/plain"]


@pytest.mark.parametrize("kind", [HangingStore, StubbornStore])
def test_a_store_that_hangs_is_a_sentence_soon(
    kind: type[HangingStore], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.undo()  # with the time that a display really has
    monkeypatch.setattr(bundle, "_SLACK", LONG)
    store = kind()
    store.from_start = True
    start = time.monotonic()
    data = mimebundle(store)[0]
    assert time.monotonic() - start < LONG
    assert "the listing did not end within 1.5 s" in data["text/plain"]
    if isinstance(store, StubbornStore):
        store.is_over = True


def test_a_store_that_fails_is_shown_as_far_as_it_answers():
    data = mimebundle(FailingStore({"broken/x": b"1", "fine": b"1"}))[0]
    assert "fine" in data["text/plain"]
    assert "word" not in str(data)


def test_on_the_loop_of_the_synchronous_calls_there_is_the_name_alone():
    store = sea()

    async def show() -> dict[str, Any]:
        return mimebundle(store)[0]

    data = sync.run(show())
    assert list(data) == ["text/plain"]
    assert data["text/plain"].startswith("MemoryStore('memory://')\n⚠ ")


def test_it_is_shown_where_another_loop_runs():
    # As in a cell: the display waits, on purpose, and the loop of zstore.sync works.
    told = run_script("""
        import asyncio
        from zstore import MemoryStore
        from zstore.display import mimebundle

        async def cell():
            store = MemoryStore()
            await store.set("ocean/temp", b"1")
            return mimebundle(store, include={"text/plain"})[0]["text/plain"]

        print(asyncio.run(cell()))
    """)
    assert "ocean/" in told


def test_hostile_names_do_nothing_in_any_form():
    data = mimebundle(evil())[0]
    assert "<script" not in data["text/html"]
    assert all(line.isprintable() for line in data["text/plain"].splitlines())


def test_no_home_folder_is_in_any_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    store = LocalStore(tmp_path / "run.zarr", read_only=True)
    data = mimebundle(store)[0]
    assert str(tmp_path) not in str(data)
    assert "~/run.zarr" in data["text/plain"]


def test_a_widget_is_added_where_one_is_offered(monkeypatch: pytest.MonkeyPatch):
    offer(monkeypatch, "widget")
    store = sea()
    SEEN.clear()
    data, metadata = mimebundle(StorePath(LoggingStore(store), "ocean"))
    assert [(store, "ocean")] == SEEN
    assert data[VIEW] == {"model_id": "1"}
    assert data["text/plain"].startswith("StorePath(")
    assert data["text/html"].startswith("<div")
    assert metadata == {}


def test_a_widget_keeps_the_text_for_when_its_kernel_is_gone(
    monkeypatch: pytest.MonkeyPatch,
):
    offer(monkeypatch, "widget_with_still")
    data, _ = mimebundle(sea())
    [shown] = KEPT
    assert shown.still == data["text/plain"]


def test_what_a_widget_says_about_itself_is_kept(monkeypatch: pytest.MonkeyPatch):
    offer(monkeypatch, "widget_with_metadata")
    data, metadata = mimebundle(sea())
    assert VIEW in data
    assert data["text/html"].startswith("<div")
    assert metadata == {VIEW: {"x": 1}}


def test_a_widget_that_shows_nothing_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    plain = mimebundle(sea())
    offer(monkeypatch, "widget_of_nothing")
    assert mimebundle(sea()) == plain


def test_widgets_that_are_not_installed_are_not_missed(monkeypatch: pytest.MonkeyPatch):
    plain = mimebundle(sea())
    offer(monkeypatch, "uninstalled")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mimebundle(sea()) == plain


def test_a_widget_that_fails_is_told_and_the_rest_is_shown(
    monkeypatch: pytest.MonkeyPatch,
):
    plain = mimebundle(sea())
    offer(monkeypatch, "broken", "uninstalled")
    expected = (
        r"test_bundle:broken cannot show the store: RuntimeError: GET https://\.\.\.@"
    )
    with pytest.warns(ZStoreWarning, match=expected):
        assert mimebundle(sea()) == plain


def test_in_a_terminal_no_widget_is_made(monkeypatch: pytest.MonkeyPatch):
    class Shell:
        pass

    Shell.__module__ = "IPython.terminal.interactiveshell"
    monkeypatch.setattr("IPython.get_ipython", Shell)
    offer(monkeypatch, "widget")
    assert VIEW not in mimebundle(sea())[0]
