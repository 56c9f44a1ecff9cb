"""The lease with most left is found without looking at all of them."""

from random import Random

from zstore.inventory.planning import Lease
from zstore.inventory.planning.victims import Victims


def test_the_lease_with_most_left_comes_first():
    lefts: dict[Lease, float | None] = {Lease(str(i), None): i * 7 % 10 for i in range(10)}
    victims = Victims(lefts.get)
    for lease in lefts:
        victims.change(lease)
    found = [victims.pop() for _ in range(10)]
    assert [one and one[1] for one in found] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert victims.pop() is None


def test_only_the_last_estimate_counts():
    lease, other = Lease("a", None), Lease("b", None)
    lefts: dict[Lease, float | None] = {lease: 9, other: 5}
    victims = Victims(lefts.get)
    for _ in range(100):
        victims.change(lease)
        victims.change(other)
        victims._estimate()
    lefts[lease] = 3
    victims.change(lease)
    assert victims.pop() == (other, 5)
    assert victims.pop() == (lease, 3)


def test_a_lease_that_is_not_to_be_taken_is_left_out_until_it_changes():
    lease = Lease("a", None)
    lefts: dict[Lease, float | None] = {lease: None}
    victims = Victims(lefts.get)
    victims.change(lease)
    assert victims.pop() is None
    lefts[lease] = 4
    assert victims.pop() is None
    victims.change(lease)
    assert victims.pop() == (lease, 4)


def test_a_removed_lease_is_forgotten():
    lease = Lease("a", None)
    victims = Victims(lambda _: 1)
    victims.change(lease)
    victims._estimate()
    victims.remove(lease)
    victims.remove(lease)
    assert victims.pop() is None


def test_many_changes_take_no_memory_and_agree_with_a_plain_search():
    random = Random(0)
    lefts: dict[Lease, float | None] = {Lease(str(i), None): float(i) for i in range(30)}
    victims = Victims(lefts.get)
    for lease in lefts:
        victims.change(lease)
    for _ in range(2_000):
        lease = random.choice(list(lefts))
        lefts[lease] = random.random()
        victims.change(lease)
        if not random.randrange(4):
            taken = victims.pop()
            assert taken is not None
            assert taken[1] == max(left for left in lefts.values() if left is not None)
            victims.change(taken[0])
    assert len(victims._heap) < 250
