"""Views that are patient: what is slow in a test is the machine."""

import pytest

from tests.waiting import LONG
from zstore_widgets import size_map, store_explorer


@pytest.fixture(autouse=True)
def patient_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a view that no page shows look for a minute."""
    monkeypatch.setattr(store_explorer, "_STILL_SECONDS", LONG)
    monkeypatch.setattr(size_map, "_BRIEF_SECONDS", LONG)
