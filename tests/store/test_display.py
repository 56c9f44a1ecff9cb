"""What notebooks ask a store for."""

import pytest

from tests.scripts import run_script
from zstore import MemoryStore, StorePath, WrapperStore, sync
from zstore.display import mimebundle


@pytest.mark.parametrize(
    "place",
    [
        MemoryStore(),
        WrapperStore(MemoryStore()),
        StorePath(MemoryStore(), "a"),
        sync.SyncStore(MemoryStore()),
    ],
    ids=lambda place: type(place).__name__,
)
def test_every_place_has_a_display(place: MemoryStore):
    shown = place._repr_mimebundle_(include={"text/plain", "text/html"})
    assert shown == mimebundle(place, include={"text/plain", "text/html"})
    assert place._repr_mimebundle_({"text/html"}, ["text/html"]) == ({}, {})


def test_nothing_of_the_display_is_loaded_until_it_is_needed():
    run_script("""
        import sys
        from zstore import MemoryStore, StorePath, sync
        sync.SyncStore(MemoryStore()).set("a", b"1")
        assert "zstore.display" not in sys.modules
        MemoryStore()._repr_mimebundle_(include={"text/plain"})
        assert "zstore.display" in sys.modules
    """)
