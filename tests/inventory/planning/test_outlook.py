"""How much is left is guessed from the pages that were listed."""

import pytest

from zstore.inventory.planning import Lease
from zstore.inventory.planning.lease import Track
from zstore.inventory.planning.outlook import Outlook


def lease_at(outlook: Outlook, first: str, last: str, until: str, npages: int) -> Lease:
    lease = Lease(last, until)
    lease.track.listed(first, last, npages)
    outlook.listed(first, last, npages)
    return lease


def test_nothing_is_known_of_what_nobody_looked_at():
    outlook = Outlook()
    assert outlook.left(Lease("", None)) is None
    assert outlook.left_of_all([Lease("", None)]) == 0
    assert outlook.fraction([Lease("", None)]) is None


def test_the_share_that_was_listed_is_of_all_ranges():
    outlook = Outlook()
    leases = [lease_at(outlook, "1", "2", "4", 3), lease_at(outlook, "5", "7", "9", 4)]
    assert [outlook.left(lease) for lease in leases] == [pytest.approx(6), pytest.approx(4)]
    assert outlook.left_of_all(leases) == pytest.approx(10)
    assert outlook.fraction(leases) == pytest.approx(7 / 17)


def test_a_range_of_no_guess_is_as_long_as_the_others():
    outlook = Outlook()
    leases = [lease_at(outlook, "1", "2", "4", 3), Lease("4", "5"), Lease("5", "6")]
    assert outlook.fraction(leases) == pytest.approx(3 / 27)
    leases[2].track = Track(expected=float("inf"))
    assert outlook.fraction(leases) == pytest.approx(3 / 27)


def test_what_is_left_of_all_is_not_counted_again_for_each_page():
    outlook = Outlook()
    leases = [lease_at(outlook, "1", "2", "4", 3) for _ in range(20)]
    assert outlook.left_of_all(leases) == pytest.approx(20 * 6)
    outlook.listed("2", "3", 4)
    assert outlook.left_of_all([Lease("", None, Track(7))] * 20) == pytest.approx(
        20 * 6 - 4
    )
    outlook.listed("2", "3", 4)
    assert outlook.left_of_all([Lease("", None, Track(7))] * 20) == pytest.approx(20 * 7)
