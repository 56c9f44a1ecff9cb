"""The index of keys agrees with a plain set of them."""

from hypothesis import given
from hypothesis import strategies as st

from zstore import Entry
from zstore.stores.key_tree import KeyTree, entry_of

SEGMENTS = st.sampled_from(["a", "ab", "a.b", "b", "é"])
KEYS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)
FOLDERS = st.lists(SEGMENTS, max_size=3).map(lambda names: "".join(f"{n}/" for n in names))
STEPS = st.lists(st.tuples(st.booleans(), KEYS), max_size=30)


def played(steps: list[tuple[bool, str]]) -> tuple[KeyTree, set[str]]:
    tree, keys = KeyTree(), set[str]()
    for add, key in steps:
        if add:
            tree.add(key)
            keys.add(key)
        else:
            tree.discard(key)
            keys.discard(key)
        assert len(tree) == len(keys)
    return tree, keys


@given(STEPS, FOLDERS)
def test_a_subtree_holds_the_keys_below_it(steps: list[tuple[bool, str]], folder: str):
    tree, keys = played(steps)
    below = [key for batch in tree.below(folder) for key in batch]
    assert len(below) == len(set(below))
    assert set(below) == {key for key in keys if key.startswith(folder)}


@given(STEPS, FOLDERS)
def test_a_level_has_each_name_once(steps: list[tuple[bool, str]], folder: str):
    tree, keys = played(steps)
    names = tree.names(folder)
    assert len(names) == len(set(names))
    expected = {k[len(folder) :].split("/")[0] for k in keys if k.startswith(folder)}
    assert set(names) == expected


@given(
    STEPS, FOLDERS, st.none() | st.integers(1, 5), SEGMENTS | st.just("") | st.just("a/")
)
def test_a_page_is_a_cut_of_the_sorted_level(
    steps: list[tuple[bool, str]], folder: str, limit: int | None, after: str
):
    tree, keys = played(steps)
    tree.cursors(folder, None, "")  # kept from here on, and has to follow changes
    for key in list(keys)[:2]:
        tree.discard(key)
        keys.discard(key)
    for key in ("a/a", "b"):
        tree.add(key)
        keys.add(key)
    level = set[str]()
    for key in keys:
        if key.startswith(folder):
            name, below, _ = key[len(folder) :].partition("/")
            level.add(name + below)
    expected = sorted(cursor for cursor in level if cursor > after)[:limit]
    assert tree.cursors(folder, limit, after) == expected


def test_nothing_is_left_of_a_branch_without_keys():
    tree = KeyTree(["a/b/c", "a/d"])
    tree.discard("a/b/c")
    assert tree.names("a/") == ["d"]
    assert tree.names("a/b/") == []
    tree.discard("a/d")
    assert tree.names("") == []
    assert len(tree) == 0


def test_what_is_not_there_cannot_be_removed():
    tree = KeyTree(["a/b"])
    for key in ("a", "a/c", "a/b/c", "x/y"):
        tree.discard(key)
    assert [*tree.below("")] == [["a/b"]]


def test_a_key_may_be_added_twice():
    tree = KeyTree(["a", "a"])
    assert len(tree) == 1


def test_a_key_and_a_prefix_may_have_one_name():
    tree = KeyTree(["a", "a/b"])
    assert tree.names("") == ["a"]
    assert tree.cursors("", None, "") == ["a", "a/"]
    tree.discard("a")
    assert tree.cursors("", None, "") == ["a/"]


def test_a_long_level_comes_in_batches():
    tree = KeyTree(f"a/{i}" for i in range(10_000))
    lengths = [len(batch) for batch in tree.below("a/")]
    assert sum(lengths) == 10_000
    assert max(lengths) == 4096


def test_keys_may_come_and_go_during_an_iteration():
    tree = KeyTree(f"{i % 10}/{i}" for i in range(100))
    seen: list[str] = []
    for batch in tree.below(""):
        seen += batch
        for key in batch:
            tree.discard(key)
        tree.add(f"new/{len(seen)}")
    assert {f"{i % 10}/{i}" for i in range(100)} <= set(seen)


def test_an_entry_is_made_of_its_cursor():
    assert entry_of("a", 5) == Entry("a", "key", 5)
    assert entry_of("a/", None) == Entry("a", "prefix")


NAME = st.text("a-0.", min_size=1, max_size=2).filter(lambda name: name not in {".", ".."})
KEY_SETS = st.sets(st.lists(NAME, min_size=1, max_size=3).map("/".join), max_size=30)
BOUND = st.text("a-0./", max_size=5)


@given(keys=KEY_SETS, prefix=st.sampled_from(["", "a/", "a/0/"]), after=BOUND, until=BOUND)
def test_keys_come_in_order_from_any_key_to_any_other(
    keys: set[str], prefix: str, after: str, until: str
):
    tree = KeyTree(keys)
    for end in (until, None):
        found = [key for batch in tree.in_order(prefix, after, end) for key in batch]
        expected = sorted(
            key
            for key in keys
            if key.startswith(prefix) and key > after and (end is None or key <= end)
        )
        assert found == expected


def test_an_ordered_iteration_comes_in_batches():
    tree = KeyTree(f"a/{i}/{i % 7}" for i in range(10_000))
    lengths = [len(batch) for batch in tree.in_order("", "", None)]
    assert sum(lengths) == 10_000
    assert max(lengths) == 4096


def test_keys_may_come_and_go_during_an_ordered_iteration():
    tree = KeyTree(f"{i % 10}/{i}" for i in range(9000))
    seen: list[str] = []
    for batch in tree.in_order("", "", None):
        seen += batch
        for key in batch:
            tree.discard(key)
        tree.add("0/a")
    assert seen == sorted(seen)
    assert {f"{i % 10}/{i}" for i in range(9000)} <= set(seen)
