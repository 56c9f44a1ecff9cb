"""Zip archives: the format, reading by offset, appending, compacting.

Read `records` and `end_record` for the format, `directory` for how an archive is indexed,
`archive` for how a value is read, `writer` for how one is written, `store` for the class.
"""

from zstore.stores.zip.sources import ByteSource
from zstore.stores.zip.store import ZipStore
from zstore.stores.zip.store_source import ArchiveInStore

__all__ = ["ArchiveInStore", "ByteSource", "ZipStore"]
