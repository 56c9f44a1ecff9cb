"""A range that failed is tried again; a backend that gives nothing is given up."""

from itertools import pairwise

import pytest

from zstore.errors import AccessDeniedError, BackendError
from zstore.inventory.planning import KeyRange, Lease, Planner
from zstore.inventory.scanning.patience import Patience

FAILURE = BackendError("", "503")
REFUSAL = AccessDeniedError("", "no")


def leased(*ends: str) -> tuple[Patience, Planner, list[Lease]]:
    planner = Planner([KeyRange(after, after + "z") for after in ends])
    leases = [planner.take() for _ in ends]
    return Patience(planner), planner, [one for one in leases if one is not None]


def taken_again(planner: Planner, lease: Lease) -> Lease:
    planner.give_back(lease)
    found = planner.take()
    assert found is not None
    return found


def test_a_range_that_others_are_listed_beside_is_tried_for_half_a_minute():
    patience, planner, [lease, _] = leased("a", "b")
    pauses = []
    for _ in range(29):
        pause = patience.failed(lease, FAILURE)
        assert pause is not None
        pauses.append(pause)
        # Of another range.
        patience.succeeded()
        lease = taken_again(planner, lease)
    assert all(
        0.05 <= one / min(1.5**number, 10) <= 0.15 for number, one in enumerate(pauses)
    )
    assert 20 < sum(pauses) < 30
    assert patience.failed(lease, FAILURE) is None
    assert [hole.range for hole in patience.holes] == [KeyRange("a", "az")]
    assert patience.nretries == 29
    assert not patience.is_at_its_end


def test_those_that_were_refused_together_come_back_one_by_one():
    patience, _, leases = leased(*map(chr, range(ord("a"), ord("a") + 16)))
    pauses = [patience.failed(lease, FAILURE) or 0 for lease in leases]
    pauses.sort()
    assert 0.05 <= pauses[0] < pauses[-1] <= 0.15
    assert min(later - one for one, later in pairwise(pauses)) > 0.1 / 16 / 3


def test_many_that_are_refused_at_once_are_no_reason_to_give_up():
    patience, _, leases = leased(*"abcdefgh")
    for lease in leases:
        assert patience.failed(lease, FAILURE)
    assert not patience.is_at_its_end


def test_a_backend_is_down_if_a_range_fails_five_times_and_nothing_comes():
    patience, planner, [lease, _] = leased("a", "b")
    for number in range(5):
        assert not patience.is_at_its_end
        pause = patience.failed(lease, FAILURE)
        # It may be back after some seconds.
        assert (pause is None) == (number == 4)
        if pause is not None:
            assert pause >= 0.05 * 4**number
            lease = taken_again(planner, lease)
    assert patience.is_at_its_end
    patience.give_up_the_rest()
    assert [hole.range for hole in patience.holes] == [
        KeyRange("a", "az"),
        KeyRange("b", "bz"),
    ]


@pytest.mark.parametrize("is_interrupted", [True, False])
def test_a_refusal_is_not_tried_again(*, is_interrupted: bool):
    patience, _, leases = leased(*"abc")
    for lease in leases:
        assert not patience.is_at_its_end
        assert patience.failed(lease, REFUSAL) is None
        if is_interrupted:
            patience.succeeded()
    assert len(patience.holes) == 3
    assert patience.is_at_its_end is not is_interrupted
