"""A planner against a plain set of keys, with any keys, pages and order of events."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zstore.inventory.planning import KeyRange, Lease, Planner

# With neighbours: "a", "a/", "a/0", "a-", "a.0" and texts that are no keys.
KEYS = st.text("a0/-.é", min_size=1, max_size=5) | st.from_regex(
    r"\A(a|b)[/.-][0-9]{1,2}[/.-][0-9]{1,2}\Z"
)


class Listing:
    """Drivers that do anything, and what must be true after each step."""

    def __init__(self, keys: set[str], planner: Planner, page_nkeys: int) -> None:
        self.keys = sorted(keys)
        self.planner = planner
        self.page_nkeys = page_nkeys
        self.out: list[Lease] = []
        self.ends: dict[Lease, str | None] = {}
        self.listed: list[str] = []
        self.dropped: list[KeyRange] = []
        self.outside = [key for key in self.keys if not self.is_remaining(key)]

    def is_remaining(self, key: str) -> bool:
        return any(key in one for one in self.planner.remaining())

    def take(self, idle: int) -> None:
        lease = self.planner.take(idle)
        if lease is not None:
            assert lease not in self.out
            self.out.append(lease)
            self.ends[lease] = lease.until

    def page(self, lease: Lease, nkeys: int) -> None:
        """List a page as a store does that knows nothing of the end of the range."""
        page = [key for key in self.keys if key > lease.after][:nkeys]
        kept = [key for key in page if lease.until is None or key <= lease.until]
        self.listed += kept
        more = True
        if page:
            more = self.planner.page(lease, page[0], page[-1], len(kept))
            if lease.until is not None:
                assert more == (page[-1] < lease.until)
        if more and len(page) < nkeys:
            self.planner.finish(lease)
            more = False
        if not more:
            self.out.remove(lease)

    def give_back(self, lease: Lease) -> None:
        self.planner.give_back(lease)
        self.out.remove(lease)

    def drop(self, lease: Lease) -> None:
        self.dropped.append(self.planner.drop(lease))
        self.out.remove(lease)

    def check(self) -> None:
        remaining = self.planner.remaining()
        assert all(
            a.until is not None and a.until <= b.after for a, b in pairwise(remaining)
        )
        assert len(remaining) == self.planner.npending + self.planner.nactive
        assert self.planner.nactive == len(self.out)
        assert self.planner.is_done == (not remaining)
        assert len(self.listed) == len(set(self.listed))
        listed, outside = set(self.listed), set(self.outside)
        for key in self.keys:
            places = [key in listed, key in outside]
            places += [
                any(key in one for one in ranges) for ranges in (remaining, self.dropped)
            ]
            assert places.count(True) == 1, (key, places)
        fraction = self.planner.fraction()
        assert fraction is None or 0 <= fraction <= 1


def planner_for(data: st.DataObject, page_nkeys: int, *, steals: bool) -> Planner:
    ends = sorted(data.draw(st.sets(KEYS, max_size=4)))
    ranges = [KeyRange()]
    if len(ends) > 1:
        ranges = [KeyRange(*pair) for pair in pairwise(ends)][::2]
    points = data.draw(st.lists(KEYS, max_size=4))
    return Planner(ranges, cut_points=points, page_nkeys=page_nkeys, steals=steals)


@pytest.mark.parametrize("steals", [True, False])
@settings(max_examples=60, deadline=None)
@given(data=st.data(), keys=st.sets(KEYS, max_size=30), page_nkeys=st.integers(1, 6))
def test_every_key_is_listed_once_whatever_happens(
    steals: bool, data: st.DataObject, keys: set[str], page_nkeys: int
):
    planner = planner_for(data, page_nkeys, steals=steals)
    listing = Listing(keys, planner, page_nkeys)
    listing.check()
    for _ in range(data.draw(st.integers(0, 20))):
        action = data.draw(st.sampled_from(["take", "page", "page", "give back", "drop"]))
        if action == "take" or not listing.out:
            listing.take(data.draw(st.integers(1, 5)))
        else:
            lease = data.draw(st.sampled_from(listing.out))
            match action:
                case "page":
                    listing.page(lease, data.draw(st.integers(1, 2)) * page_nkeys)
                case "give back":
                    listing.give_back(lease)
                case _:
                    listing.drop(lease)
            if not steals:
                assert lease.until == listing.ends[lease]
        listing.check()
    # A new planner goes on with what the old one left.
    if data.draw(st.booleans()):
        listing.planner = Planner(planner.remaining(), page_nkeys=page_nkeys, steals=steals)
        listing.out = []
    while not listing.planner.is_done:
        listing.take(data.draw(st.integers(1, 5)))
        listing.page(data.draw(st.sampled_from(listing.out)), page_nkeys)
        listing.check()
    assert not any(listing.is_remaining(key) for key in keys)
