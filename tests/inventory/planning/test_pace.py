"""A pace goes up slowly, and steps back where a server cannot follow."""

from random import Random

import pytest

from tests.inventory.planning.key_spaces import shape
from tests.inventory.planning.virtual_clock import LATENCY, Server, list_at_once
from zstore.inventory.planning import Pace, Planner


def paced(most: int, nanswers: int) -> Pace:
    pace = Pace(most)
    for _ in range(nanswers):
        pace.answered(0.1)
    return pace


def test_it_starts_with_four_and_adds_one_with_every_fourth_page():
    assert [paced(64, n).limit for n in (0, 3, 4, 40, 240, 900)] == [4, 4, 5, 14, 64, 64]


def test_it_never_allows_more_than_it_may_nor_less_than_one():
    assert paced(2, 100).limit == 2
    pace = Pace(1)
    for _ in range(20):
        pace.throttled()
    assert pace.limit == 1


def test_refusals_of_one_round_trip_are_one_step_back():
    pace = paced(64, 400)
    for _ in range(57):
        pace.throttled()
    assert pace.limit == 57
    for _ in range(57):
        pace.throttled()
    assert pace.limit == 51


def test_it_recovers_from_a_refusal_by_one_in_two_round_trips():
    pace = paced(64, 400)
    pace.throttled()
    for _ in range(2 * (57 + 58 + 59)):
        pace.answered(0.1)
    assert pace.limit in (60, 61)


def test_one_late_answer_is_no_throttling():
    pace = paced(64, 400)
    pace.answered(30)
    assert pace.limit == 64


def test_many_late_answers_are():
    pace = paced(64, 400)
    for _ in range(10):
        pace.answered(0.5)
    assert pace.limit == 57


def test_it_recovers_from_late_answers_by_one_a_round_trip():
    pace = paced(64, 400)
    for _ in range(10):
        pace.answered(0.5)
    for _ in range(57 + 58 + 59):
        pace.answered(0.1)
    assert pace.limit in (60, 61)


def test_a_server_that_is_slow_all_the_time_is_not_throttling():
    pace = Pace(64)
    for _ in range(400):
        pace.answered(20.0)
    assert pace.limit == 64


@pytest.mark.parametrize(
    ("rate", "nkeys"), [(30, 10**6), (100, 10**6), (300, 10**7), (1_000, 10**7)]
)
@pytest.mark.parametrize("latency", [0.03, LATENCY])
def test_a_server_with_a_cap_is_used_almost_up_to_it(rate: int, nkeys: int, latency: float):
    # Without a pace, 256 in flight would ask ten or a hundred times as often as they may.
    # What is refused has the pauses of `Patience`, and none of it is given up.
    space, planner, pace = shape("nested", nkeys), Planner(), Pace(256)
    server = Server(lambda: latency, rate=rate)
    run = list_at_once(space, planner, 256, server=server, pace=pace)
    assert planner.is_done
    assert run.nkeys == nkeys
    assert 0.8 * rate <= (run.nrequests - run.nrefused) / run.seconds <= 1.05 * rate
    assert run.nrefused <= 0.35 * run.nrequests


def test_answers_of_very_different_times_do_not_slow_it_down_much():
    random = Random(0)
    server = Server(lambda: random.expovariate(1 / LATENCY))
    run = list_at_once(shape("nested", 10**7), Planner(), 64, server=server, pace=Pace(64))
    assert run.nkeys == 10**7
    assert run.parallelism > 0.7 * 64
