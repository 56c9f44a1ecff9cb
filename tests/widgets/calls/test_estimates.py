import math

import pytest

from zstore import RangeByteRequest, SuffixByteRequest
from zstore.errors import InvalidTypeError
from zstore.wrappers.trace import Record
from zstore_widgets.calls.estimates import Assumptions, estimate

SLOW = Assumptions(latency=0.1, bandwidth=1e6, connections=4)


def _call(method: str, begin: float = 0.0, seconds: float = 0.01, **fields) -> Record:
    given = {
        "start": begin,
        "clock": begin,
        "seconds": seconds,
        "method": method,
        "keys": ("k",),
        "prefix": None,
        "byte_ranges": (),
        "nbytes_in": 0,
        "nbytes_out": 0,
        "nitems": 0,
        "outcome": "ok",
        "task": "",
    }
    return Record(**{**given, **fields})


def test_calls_one_after_the_other_add_up():
    calls = [_call("get", begin=at * 0.02) for at in range(5)]
    assert estimate(calls, SLOW).seconds == pytest.approx(0.5)


def test_calls_that_overlapped_overlap_up_to_the_connections():
    calls = [_call("get", begin=at * 0.001) for at in range(8)]
    assert estimate(calls, SLOW).seconds == pytest.approx(0.2)


def test_a_call_waits_for_all_that_had_ended_before_it():
    calls = [
        _call("get", begin=0.0, seconds=0.01, nbytes_out=900_000),
        _call("get", begin=0.0, seconds=0.05),
        _call("get", begin=0.02),
    ]
    assert estimate(calls, SLOW).seconds == pytest.approx(1.1)


def test_the_time_between_calls_is_left_out():
    calls = [_call("get", begin=0.0), _call("get", begin=3600.0)]
    assert estimate(calls, SLOW).seconds == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("method", "fields", "counts"),
    [
        ("get", {}, (1, 0, 0, 0)),
        ("exists", {"outcome": "missing"}, (1, 0, 0, 0)),
        ("get_many", {"keys": ("a", "b", "c")}, (3, 0, 0, 0)),
        ("set_many", {"keys": ("a", "b")}, (0, 2, 0, 0)),
        ("set_partial_values", {"keys": ("a",)}, (1, 1, 0, 0)),
        ("list", {"keys": (), "prefix": "", "nitems": 2001}, (0, 0, 3, 0)),
        ("list_dir", {"keys": (), "prefix": ""}, (0, 0, 1, 0)),
        ("delete", {}, (0, 0, 0, 1)),
        ("clear", {"keys": (), "prefix": ""}, (0, 0, 1, 1)),
        ("ensure_open", {"keys": ()}, (0, 0, 0, 0)),
        ("my own block", {}, (0, 0, 0, 0)),
    ],
)
def test_each_method_makes_its_requests(method, fields, counts):
    found = estimate([_call(method, **fields)], SLOW)
    assert (found.nreads, found.nwrites, found.nlists, found.ndeletes) == counts
    assert found.nrequests == sum(counts)


def test_ranges_that_lie_close_are_one_request():
    near = (RangeByteRequest(0, 10), RangeByteRequest(100, 110), SuffixByteRequest(8))
    assert estimate([_call("get_ranges", byte_ranges=near)], SLOW).nreads == 2


def test_the_cost_is_counts_times_prices():
    calls = [
        _call("get", nbytes_out=2_000_000_000),
        _call("set", nbytes_in=5),
        _call("list", keys=(), prefix=""),
    ]
    prices = Assumptions(price_get=1.0, price_put=10.0, price_out=0.5)
    assert estimate(calls, prices).cost == pytest.approx(0.001 + 2 * 0.01 + 2 * 0.5)


def test_no_calls_cost_nothing():
    found = estimate([], Assumptions())
    assert (found.seconds, found.cost, found.nrequests) == (0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"latency": -1},
        {"bandwidth": 0},
        {"connections": 0},
        {"price_out": math.nan},
        {"price_get": math.inf},
    ],
)
def test_impossible_assumptions_are_refused(wrong):
    with pytest.raises(InvalidTypeError, match="connections 1 or more"):
        Assumptions(**wrong)
