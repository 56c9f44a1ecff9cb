"""A range that failed is tried again; a backend that gives nothing is given up."""

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


def test_a_range_is_tried_three_times_with_growing_pauses():
    patience, planner, [lease, _] = leased("a", "b")
    pauses = []
    for _ in range(2):
        pauses.append(patience.failed(lease, FAILURE))
        patience.succeeded()
        planner.give_back(lease)
        found = planner.take()
        assert found is not None
        lease = found
    assert pauses == [0.5, 1.0]
    assert patience.failed(lease, FAILURE) is None
    assert [hole.range for hole in patience.holes] == [KeyRange("a", "az")]
    assert patience.nretries == 2
    # Of others there was something meanwhile.
    assert not patience.is_at_its_end


def test_many_that_are_refused_at_once_are_no_reason_to_give_up():
    patience, _, leases = leased(*"abcdefgh")
    for lease in leases:
        assert patience.failed(lease, FAILURE)
    assert not patience.is_at_its_end


def test_a_backend_is_down_if_a_range_fails_thrice_and_nothing_comes():
    patience, planner, [lease, _] = leased("a", "b")
    for number in range(3):
        assert not patience.is_at_its_end
        if patience.failed(lease, FAILURE) is not None:
            planner.give_back(lease)
            found = planner.take()
            assert found is not None, number
            lease = found
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
