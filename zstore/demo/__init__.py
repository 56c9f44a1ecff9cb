"""Stores to try things on: a small climate model run, and a bucket of a million keys.

The climate is made where it is first used: groups and arrays of Zarr v3 and v2, shards,
chunks that were never written, many codecs, and the text, table and picture that lie
beside arrays in real stores. The numbers are made up; they only look like a climate. Needs
the extra ``zarr``.

The bucket is for listings: its keys are computed when they are asked for.
"""

from zstore.demo.cached import demo_store
from zstore.demo.million import ComputedStore, million_keys
from zstore.demo.writing import write_demo

__all__ = ["ComputedStore", "demo_store", "million_keys", "write_demo"]
