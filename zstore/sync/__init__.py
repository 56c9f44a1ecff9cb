"""Synchronous twins of every call; they also work where an event loop is running.

>>> from zstore import MemoryStore, sync
>>> store = sync.SyncStore(MemoryStore())
>>> store.set("a/b", b"value")
>>> store.get_bytes("a/b"), list(store.list())
(b'value', ['a/b'])

The calls run on a loop of their own, in a thread that starts at the first one; so they
work in a script, in a cell of a notebook, and in a callback of a widget. One loop serves
the process, and every process makes its own, after a fork too.
"""

from zstore.sync.calls import copy, open_store
from zstore.sync.loop import LoopThread, iterate, run
from zstore.sync.store import SyncStore

__all__ = ["LoopThread", "SyncStore", "copy", "iterate", "open_store", "run"]
