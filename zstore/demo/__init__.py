"""A store to try things on: a small climate model run, made where it is first used.

Groups and arrays of Zarr v3 and v2, shards, chunks that were never written, many codecs,
and the text, table and picture that lie beside arrays in real stores. The numbers are
made up; they only look like a climate. Needs the extra ``zarr``.
"""

from zstore.demo.cached import demo_store
from zstore.demo.writing import write_demo

__all__ = ["demo_store", "write_demo"]
