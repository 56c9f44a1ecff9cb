"""Latency percentiles, against NumPy's."""

import random

import numpy as np

from zstore import LoggingStore, MemoryStore
from zstore.wrappers.percentiles import percentiles_by_method
from zstore.wrappers.trace import Record


def record(method: str, seconds: float) -> Record:
    return Record(0.0, 0.0, seconds, method, ("k",), None, (), 0, 0, 0, "ok", "")


def test_percentiles_are_those_of_numpy_for_each_method():
    draw = random.Random(5)
    seconds = {
        "set": [draw.expovariate(100) for _ in range(1001)],
        "get": [draw.expovariate(1000) for _ in range(40)],
        "clear": [0.5],
    }
    records = [record(method, s) for method, all_s in seconds.items() for s in all_s]
    draw.shuffle(records)
    found = percentiles_by_method(records)
    assert list(found) == ["clear", "get", "set"]
    for method, values in seconds.items():
        of = found[method]
        assert of.ncalls == len(values)
        expected = [np.percentile(values, p) for p in (50, 90, 99)]
        assert np.allclose([of.p50, of.p90, of.p99], expected, rtol=1e-12)


def test_no_calls_give_no_percentiles():
    assert percentiles_by_method([]) == {}


async def test_a_store_gives_the_percentiles_of_its_trace():
    store = LoggingStore(MemoryStore(), "CRITICAL")
    for _ in range(5):
        await store.exists("a")
    found = store.percentiles()
    assert set(found) == {"exists"}
    assert found["exists"].p50 == np.median([row.seconds for row in store.trace])
