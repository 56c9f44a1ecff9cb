"""The two languages of the widgets say the same: state, requests, arguments."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import anywidget
import pytest

from zstore import LoggingStore, MemoryStore
from zstore_widgets import BufferInspector, CallMonitor, SizeMap, explore
from zstore_widgets.view import View

SOURCES = Path(__file__).parents[2] / "widgets" / "src"
VIEWS: dict[str, Callable[[], View]] = {
    "BufferInspector": lambda: BufferInspector(bytes(4)),
    "CallMonitor": lambda: CallMonitor(LoggingStore(MemoryStore())),
    "SizeMap": lambda: SizeMap(MemoryStore()),
    "StoreExplorer": lambda: explore(MemoryStore(), edit=True),
}

_OPEN, _CLOSE = "{[(<", "}])>"
_FIELD = re.compile(r"(?:readonly\s+)?(\w+)(\?)?:\s*")


class Takes(NamedTuple):
    """The arguments of a request: all of them, and those that cannot be left out."""

    all: frozenset[str]
    required: frozenset[str]


def source_of(path: Path) -> str:
    """Return a TypeScript file without its comments."""
    text = path.read_text()
    return re.sub(r"/\*.*?\*/|(?<![:\w])//[^\n]*", "", text, flags=re.DOTALL)


def body_at(text: str, start: int) -> str:
    """Return what stands between the brace at `start` and the one that closes it."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[start + 1 : at]
    raise ValueError(text[start : start + 40])


def fields_of(body: str) -> Iterator[tuple[str, bool, str]]:
    """Iterate over the fields of an interface: name, whether optional, type."""
    at = 0
    while found := _FIELD.search(body, at):
        depth, end = 0, found.end()
        while end < len(body) and (depth > 0 or body[end] not in ";,"):
            depth += (body[end] in _OPEN) - (body[end] in _CLOSE and body[end - 1] != "=")
            end += 1
        yield found[1], found[2] is not None, body[found.end() : end].strip()
        at = end + 1


def interfaces() -> dict[str, list[str]]:
    """Return the bodies of all interfaces by name, as one may be declared many times."""
    found: dict[str, list[str]] = {}
    for path in sorted(SOURCES.rglob("*.ts*")):
        if ".test." in path.name:
            continue
        text = source_of(path)
        for match in re.finditer(r"\binterface (\w+)[^{]*\{", text):
            found.setdefault(match[1], []).append(body_at(text, match.end() - 1))
    return found


def states() -> dict[str, set[str]]:
    """Return the fields of every interface that says it is a state of a view."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCES.rglob("*.ts*")):
        text = source_of(path)
        for match in re.finditer(r"\binterface (\w+)(?: extends ViewState)? \{", text):
            if match[1] == "ViewState" or "extends ViewState" in match[0]:
                body = body_at(text, match.end() - 1)
                found[match[1]] = {name for name, _, _ in fields_of(body)}
    return found


def declared_requests() -> dict[str, Takes]:
    """Return what the front end says that it asks."""
    known = interfaces()
    found = {}
    for body in known["Requests"]:
        for name, _, kind in fields_of(body):
            [args] = [each for field, _, each in fields_of(kind[1:]) if field == "args"]
            found[name] = arguments_of(args, known)
    return found


def arguments_of(kind: str, known: dict[str, list[str]]) -> Takes:
    """Return the fields of an object type: written out, named, or several joined."""
    fields: list[tuple[str, bool, str]] = []
    if kind != "Record<string, never>":
        for part in kind.split(" & "):
            body = part[1:-1] if part.startswith("{") else known[part][0]
            fields += fields_of(body)
    every = frozenset(name for name, _, _ in fields)
    return Takes(every, frozenset(name for name, optional, _ in fields if not optional))


def answered_requests() -> dict[str, Takes]:
    """Return what the views answer."""
    found = {}
    for make in VIEWS.values():
        view = make()
        assert view._channel is not None
        for name, request in view._channel._requests.items():
            found[name] = Takes(frozenset(request.parameters), frozenset(request._required))
        view.close()
    return found


def own_traits(view: View) -> set[str]:
    """Return the synchronised traits that are not those of every widget."""
    base = set(anywidget.AnyWidget.class_trait_names())
    own = set(view.keys) - base
    return {name for name in own if not name.startswith("_")}


def test_every_view_has_the_state_that_the_front_end_reads():
    declared = states()
    common = declared.pop("ViewState")
    more = {name: fields for name, fields in declared.items() if fields}
    for name, make in VIEWS.items():
        view = make()
        own = own_traits(view) - common
        assert common <= own_traits(view)
        of_this = [fields for state, fields in more.items() if state.startswith(name[:5])]
        assert own == set().union(*of_this), name
        view.close()


def test_the_front_end_asks_nothing_that_no_view_answers():
    assert set(declared_requests()) - set(answered_requests()) == set()


def test_no_view_answers_what_the_front_end_never_asks():
    assert set(answered_requests()) - set(declared_requests()) == set()


def test_requests_have_the_same_arguments_on_both_sides():
    answered = answered_requests()
    for name, asked in declared_requests().items():
        assert asked.all == answered[name].all, name
        assert asked.required >= answered[name].required, name


@pytest.mark.parametrize("name", VIEWS)
def test_a_front_end_can_change_no_trait(name: str):
    view = VIEWS[name]()
    before = view.get_state()
    assert set(before) >= {"view", "title", "height", "still", "_esm", "_css"}
    forged = {
        "_esm": "export default { render() { window.ran = 1 } }",
        "_css": "body { display: none }",
        "_view_module": "evil",
        "_model_name": "evil",
        "_html": "<script>1</script>",
        **dict.fromkeys(own_traits(view), "<script>1</script>"),
    }
    view._handle_msg(
        {"content": {"data": {"method": "update", "state": forged, "buffer_paths": []}}}
    )
    view.set_state(forged)
    assert view.get_state() == before
    view.close()


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_names_the_component_that_draws_it(name: str):
    view = VIEWS[name]()
    assert view.view == name
    stem = type(view).__module__.rpartition(".")[2]
    entry = (SOURCES / "views" / f"{stem}.ts").read_text()
    assert f"export default bundleOf({name});" in entry
    view.close()
