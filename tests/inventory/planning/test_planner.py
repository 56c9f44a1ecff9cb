"""A planner hands out each key once, whatever the drivers do with their leases."""

import pytest

from tests.inventory.planning.key_spaces import SHAPES, Names, Shape, shape
from tests.inventory.planning.virtual_clock import Server, list_at_once, list_by_slices
from zstore._compat import override
from zstore.inventory.planning import KeyRange, Lease, Planner


def taken(planner: Planner, idle: int = 1) -> Lease:
    lease = planner.take(idle)
    assert lease is not None
    return lease


def busy() -> tuple[Planner, Lease]:
    """Return a planner and the lease of all keys, of which there are many left."""
    planner = Planner()
    lease = taken(planner)
    assert planner.page(lease, "0000", "0001", 1_000)
    return planner, lease


def test_a_new_planner_hands_out_everything():
    planner = Planner()
    assert not planner.is_done
    assert (planner.npending, planner.nactive) == (1, 0)
    lease = taken(planner)
    assert (lease.after, lease.until, lease.npages) == ("", None, 0)
    assert (planner.npending, planner.nactive) == (0, 1)


def test_a_range_of_which_nothing_is_known_is_not_cut():
    planner = Planner()
    taken(planner)
    assert planner.take() is None


def test_a_range_without_keys_is_finished():
    planner = Planner()
    planner.finish(taken(planner))
    assert planner.is_done
    assert planner.take() is None
    assert planner.remaining() == []
    assert planner.fraction() == 1


def test_a_page_moves_the_lease():
    planner = Planner([KeyRange("a", "c")])
    lease = taken(planner)
    assert planner.page(lease, "a1", "a9", 1_000)
    assert (lease.after, lease.until, lease.npages) == ("a9", "c", 1)
    assert planner.remaining() == [KeyRange("a9", "c")]


@pytest.mark.parametrize("last", ["c", "d"])
def test_a_page_that_reaches_the_end_finishes_the_lease(last: str):
    planner = Planner([KeyRange("a", "c")])
    assert not planner.page(taken(planner), "b", last, 2)
    assert planner.is_done


def test_a_cut_takes_the_far_end_of_a_lease_that_is_out():
    planner, lease = busy()
    other = taken(planner)
    assert lease.after == "0001"
    assert lease.until == other.after
    assert other.until is None
    assert planner.remaining() == [KeyRange("0001", other.after), KeyRange(other.after)]


def test_a_page_that_was_asked_for_before_a_cut_ends_at_the_cut():
    planner, lease = busy()
    cut = taken(planner).after
    assert not planner.page(lease, "0002", cut + "0", 999)
    assert lease.after == cut
    assert planner.nactive == 1


def test_a_lease_is_cut_again_only_after_another_page():
    planner, lease = busy()
    taken(planner)
    assert planner.take() is None
    assert planner.page(lease, "0002", "0003", 1_000)
    assert taken(planner).until == taken_until(planner, lease)


def taken_until(planner: Planner, lease: Lease) -> str:
    """Return where the range after that of `lease` ends."""
    ranges = planner.remaining()
    until = next(one.until for one in ranges if one.after == lease.until)
    assert until is not None
    return until


def test_a_short_range_is_not_cut():
    planner = Planner()
    lease = taken(planner)
    # Nine of ten first digits are listed.
    assert planner.page(lease, "0", "9", 9_000)
    assert planner.take() is None


def test_several_that_are_idle_share_at_once():
    planner, _ = busy()
    assert taken(planner, 3) is not None
    assert (planner.npending, planner.nactive) == (2, 2)


def test_what_was_given_back_is_handed_out_again():
    planner = Planner([KeyRange("a", "c")])
    lease = taken(planner)
    planner.page(lease, "a1", "a9", 1_000)
    planner.give_back(lease)
    assert planner.remaining() == [KeyRange("a9", "c")]
    again = taken(planner)
    assert again is not lease
    assert (again.after, again.until, again.npages) == ("a9", "c", 1)


def test_what_was_dropped_is_not():
    planner = Planner([KeyRange("a", "c")])
    lease = taken(planner)
    planner.page(lease, "a1", "a9", 1_000)
    assert planner.drop(lease) == KeyRange("a9", "c")
    assert planner.is_done


def test_a_lease_that_is_not_out_is_refused():
    planner, lease = busy()
    planner.give_back(lease)
    for call in (planner.finish, planner.give_back, planner.drop):
        with pytest.raises(ValueError, match=r"'0001'.* is not out"):
            call(lease)
    with pytest.raises(ValueError, match="is not out"):
        planner.page(lease, "1", "2", 1)
    with pytest.raises(ValueError, match="is not out"):
        planner.finish(Lease("a", "b"))


def test_ranges_that_overlap_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        Planner([KeyRange("a", "c"), KeyRange("b")])


def test_ranges_are_cut_at_the_points_of_an_earlier_snapshot():
    points = ["z", "b", "b", "a/", "c", "..", "d", "e//f"]
    planner = Planner([KeyRange("a", "c"), KeyRange("d", "f")], cut_points=points)
    assert planner.remaining() == [
        KeyRange("a", "b"),
        KeyRange("b", "c"),
        KeyRange("d", "f"),
    ]
    assert [taken(planner).after for _ in range(3)] == ["a", "b", "d"]


def test_pages_before_the_range_do_not_count():
    # Some listings start at "a/1" where "a/1/" was asked for.
    planner = Planner([KeyRange("a/1/", "b")])
    lease = taken(planner)
    assert planner.page(lease, "a/1-0", "a/1.9", 0)
    assert lease.after == "a/1/"
    assert planner.page(lease, "a/1.91", "a/1/5", 3)
    assert lease.after == "a/1/5"


def test_the_share_that_was_listed_goes_from_none_to_all():
    planner, fractions = Planner(), [Planner().fraction()]
    space = shape("hashed", 10**5)
    lease = taken(planner)
    for start in range(0, 10**5, 1_000):
        page = space.keys(start, start + 1_000)
        assert planner.page(lease, page[0], page[-1], 1_000)
        fractions.append(planner.fraction())
    assert fractions[0] is None
    known = [fraction for fraction in fractions if fraction is not None]
    assert len(known) == 100
    assert all(0 < fraction < 1 for fraction in known)
    assert known[50] == pytest.approx(0.5, abs=0.15)
    assert known[-1] > 0.9


def test_ranges_of_which_nothing_is_known_are_taken_to_be_like_the_others():
    planner = Planner([KeyRange("0")], cut_points=["1", "2", "3"])
    for _ in range(2):
        lease = taken(planner)
        planner.page(lease, f"{lease.after}0", f"{lease.after}9", 1_000)
        planner.finish(lease)
    assert planner.fraction() == pytest.approx(0.5)


class TestWithoutStealing:
    """Leases are never cut while they are out."""

    def test_only_what_is_pending_is_cut(self):
        planner = Planner(steals=False)
        lease = taken(planner, 4)
        assert planner.page(lease, "0000", "0001", 1_000)
        assert planner.take(3) is None
        planner.give_back(lease)
        lease = taken(planner, 4)
        assert (lease.after, planner.npending) == ("0001", 3)

    def test_it_is_cut_for_those_who_are_idle_only(self):
        planner = Planner(steals=False)
        lease = taken(planner)
        assert planner.page(lease, "0000", "0001", 1_000)
        planner.give_back(lease)
        assert taken(planner).until is None
        assert planner.npending == 0

    @pytest.mark.parametrize("name", SHAPES)
    def test_a_lease_that_is_out_keeps_its_end(self, name: Shape):
        class Watched(Planner):
            @override
            def take(self, idle: int = 1) -> Lease | None:
                ends = {lease: lease.until for lease in self._active}
                lease = super().take(idle)
                assert all(one.until == until for one, until in ends.items())
                return lease

        planner = Watched(steals=False)
        assert list_by_slices(shape(name, 10**5), planner, 8).nkeys == 10**5
        assert planner.is_done

    def test_a_budget_is_small_at_the_start_and_at_the_end(self):
        planner = Planner(steals=False)
        lease = taken(planner)
        assert planner.budget(lease, 4) == 1
        assert planner.page(lease, "0000", "0009", 100_000)
        assert planner.budget(lease, 4) == 64
        assert planner.budget(lease, 4, 10) == 10
        # Half as much as before is left.
        assert planner.page(lease, "0010", "66", 1_000)
        assert planner.budget(lease, 16) < 10


NEIGHBOURS = [
    *("x", "x-", "x-1", "x.json", "x/", "x//y", "x/./y", "x/..", "x/0", "x/00"),
    *(f"x/{i}" for i in range(200)),
    *(f"x{end}{i}" for end in "-.0" for i in range(200)),
    *("x0", "x0/", "xé", "x 1", "x%20", "y\\z", "y\x7f", "😀/1", "😀0"),
]


@pytest.mark.parametrize("nslots", [1, 4, 16])
def test_neighbours_of_a_folder_are_each_listed_once(nslots: int):
    keys = sorted(set(NEIGHBOURS))
    space, planner = Names(keys), Planner(page_nkeys=10)
    run = list_at_once(space, planner, nslots, server=Server(page_nkeys=10))
    assert run.nkeys == len(keys)
    assert planner.is_done
