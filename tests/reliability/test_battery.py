"""Each promise is kept by each store of ours; the long form is ``make battery``."""

from pathlib import Path

import pytest

from tests.reliability.battery import MEASURES, figures
from tests.reliability.figures import Effort, Figure
from tests.reliability.jail import refusal
from tests.reliability.promises import PROMISES
from tests.reliability.table import markdown

CASES = [
    pytest.param(name, system, id=f"{name}-{system}")
    for name, measure in MEASURES.items()
    for system in measure.systems
    if system.startswith("zstore") and system not in measure.unpromised
]


@pytest.mark.parametrize(("name", "system"), CASES)
def test_a_promise_is_kept(name: str, system: str, tmp_path: Path):
    measure = MEASURES[name]
    if measure.jailed and (reason := refusal()):
        pytest.skip(f"hostile keys need a jail: {reason}")
    found = figures(measure, system, tmp_path, Effort.SHORT)
    assert any(figure.bar is not None for figure in found), "nothing was measured"
    assert [str(figure) for figure in found if figure.met is False] == []


def test_every_promise_has_a_measure():
    measured = {promise for measure in MEASURES.values() for promise in measure.promises}
    # The browser shows what the views promise: tests/browser/test_hostile_*.py.
    assert measured == set(PROMISES) - {"P6"}


def test_a_table_says_what_was_found():
    good = Figure(promise="W1", system="a|b", what="torn values", value=0, of=200, bar=0)
    bad = Figure(promise="W1", system="b", what="torn values", value=3, of=200, bar=0)
    slow = Figure(promise="P4", system="b", what="a list", value=0.25, unit="s", note="n")
    table = markdown([slow, good, bad])
    assert "| torn values | a\\|b | 0 / 200 | <= 0 | met |" in table
    assert "| torn values | b | 3 / 200 | <= 0 | **missed** |" in table
    assert "| a list | b | 0.25 s |  | n |" in table
    assert table.index("## W1") < table.index("## P4")
