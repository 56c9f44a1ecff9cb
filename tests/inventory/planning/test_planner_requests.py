"""How many requests a listing takes, and how long, under a virtual clock: to the digit.

A change of the planner changes the numbers; they may get better, and what is asked of
them (bars A5 to A8) is asserted beside them.
"""

import pytest

from tests.inventory.planning.key_spaces import SHAPES, KeySpace, Shape, shape
from tests.inventory.planning.virtual_clock import (
    LATENCY,
    Run,
    list_at_once,
    list_by_slices,
)
from zstore.inventory.planning import KeyRange, Pace, Planner

NKEYS = 10**7
NPAGES = 10**4

# Requests, and how many of them were in flight on average.
BLIND = {
    ("nested", 16): (10_024, 15.89),
    ("nested", 64): (10_104, 61.61),
    ("flat", 16): (10_052, 15.81),
    ("flat", 64): (10_225, 59.1),
    ("skew", 16): (10_042, 15.91),
    ("skew", 64): (10_119, 62.08),
    ("hashed", 16): (10_075, 15.89),
    ("hashed", 64): (10_234, 60.2),
}


# The same, when an earlier snapshot told where to cut.
SEEDED = {
    ("nested", 16): (10_030, 15.87),
    ("nested", 64): (10_075, 62.97),
    ("flat", 16): (10_028, 15.89),
    ("flat", 64): (10_013, 62.58),
    ("skew", 16): (10_028, 15.87),
    ("skew", 64): (10_071, 62.94),
    ("hashed", 16): (10_027, 15.87),
    ("hashed", 64): (10_054, 62.84),
}


def listed(space: KeySpace, planner: Planner, nslots: int) -> Run:
    run = list_at_once(space, planner, nslots)
    assert run.nkeys == len(space)
    assert planner.is_done
    return run


def quantiles(space: KeySpace, npieces: int) -> list[str]:
    """Return the last keys of all but the last of about equal pieces of whole pages."""
    npages = -(-len(space) // 1_000)
    return [
        space.key(1_000 * (npages * i // npieces) - 1)
        for i in range(1, min(npieces, npages))
    ]


@pytest.mark.parametrize(("name", "nslots"), BLIND)
def test_ten_million_keys_of_which_nothing_is_known(name: Shape, nslots: int):
    run = listed(shape(name, NKEYS), Planner(), nslots)
    assert (run.nrequests, round(run.parallelism, 2)) == BLIND[name, nslots]
    assert run.nrequests <= (1.01 if nslots == 16 else 1.03) * NPAGES
    assert run.parallelism >= (0.9 if nslots == 16 else 0.7) * nslots


@pytest.mark.parametrize(("name", "nslots"), SEEDED)
def test_ten_million_keys_with_an_earlier_snapshot(name: Shape, nslots: int):
    space = shape(name, NKEYS)
    run = listed(space, Planner(cut_points=quantiles(space, 256)), nslots)
    assert (run.nrequests, round(run.parallelism, 2)) == SEEDED[name, nslots]
    assert run.nrequests <= 1.01 * NPAGES
    assert run.parallelism >= 0.97 * nslots


@pytest.mark.parametrize("name", SHAPES)
def test_points_of_a_snapshot_that_is_out_of_date_do_no_harm(name: Shape):
    # Half of the keys came after it was made, and another tree before.
    space = shape(name, NKEYS)
    old = quantiles(shape(name, NKEYS // 2), 128) + [f"another/{i}" for i in range(128)]
    run = listed(space, Planner(cut_points=old), 64)
    assert run.nrequests <= 1.05 * NPAGES
    assert run.parallelism >= 0.7 * 64


@pytest.mark.parametrize("nslots", [4, 16, 64])
@pytest.mark.parametrize("nkeys", [200, 1_000, 1_001, 20_000, 100_000, 1_000_000])
@pytest.mark.parametrize("name", SHAPES)
def test_a_scan_takes_few_requests_more_than_pages(name: Shape, nkeys: int, nslots: int):
    npages = -(-nkeys // 1_000)
    paces = [None, Pace(nslots)]
    runs = [
        list_at_once(shape(name, nkeys), Planner(), nslots, pace=pace) for pace in paces
    ]
    for run in runs:
        assert run.nkeys == nkeys
        assert run.nrequests <= 1.10 * npages + 5 * nslots
        # Of one after the other.
        share = 0.25 if nkeys == 1_000_000 and nslots >= 16 else 1.5
        assert run.seconds < max(2, share * npages) * LATENCY


@pytest.mark.parametrize("name", SHAPES)
def test_one_request_at_a_time_takes_as_many_as_there_are_pages(name: Shape):
    run = listed(shape(name, 123_456), Planner(), 1)
    assert run.nrequests == 124
    assert run.parallelism == pytest.approx(1)


@pytest.mark.parametrize("stop", [1, 10, 50, 90])
@pytest.mark.parametrize("name", SHAPES)
def test_a_listing_that_was_stopped_goes_on_where_it_was(name: Shape, stop: int):
    space, nslots = shape(name, 100_000), 8
    undisturbed = listed(space, Planner(), nslots)
    planner = Planner()
    first = list_at_once(space, planner, nslots, npages=stop)
    assert not planner.is_done
    assert first.nkeys == len(space) - unlisted(space, planner.remaining())
    second = list_at_once(space, Planner(planner.remaining()), nslots)
    assert first.nkeys + second.nkeys == len(space)
    requests = first.nrequests + second.nrequests
    assert requests <= undisturbed.nrequests + 4 * nslots


def unlisted(space: KeySpace, ranges: list[KeyRange]) -> int:
    ends = [(one.after, one.until) for one in ranges]
    return sum(
        (len(space) if until is None else space.rank(until)) - space.rank(after)
        for after, until in ends
    )


@pytest.mark.parametrize("nslots", [8, 16, 64])
@pytest.mark.parametrize("nkeys", [100_000, 1_000_000])
@pytest.mark.parametrize("name", SHAPES)
def test_tasks_on_a_cluster_take_few_requests_more(name: Shape, nkeys: int, nslots: int):
    planner = Planner(steals=False)
    run = list_by_slices(shape(name, nkeys), planner, nslots)
    assert run.nkeys == nkeys
    assert planner.is_done
    assert run.nrequests <= 1.10 * nkeys / 1_000 + 5 * nslots
    assert run.seconds < (0.30 if nslots == 8 else 0.20) * nkeys / 1_000 * LATENCY


def test_the_same_listing_is_planned_in_the_same_way():
    runs = [list_at_once(shape("skew", 10**6), Planner(), 64) for _ in range(2)]
    assert runs[0] == runs[1]
