"""What fails is not tried again, but where a test is about that."""

import pytest

from zstore.stores import tries


@pytest.fixture(autouse=True)
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "TRIES", 1)
