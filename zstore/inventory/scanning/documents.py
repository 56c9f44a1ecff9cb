"""Which keys of a listing are documents of metadata."""

from typing import Any

from zstore.inventory.engines import pc

__all__ = ["documents_in"]

_DOCUMENT = r"(^|/)(zarr\.json|\.zarray|attributes\.json)$"
_ENDINGS = (b"zarr.json", b".zarray", b"attributes.json")


def documents_in(batch: Any) -> list[str]:
    """Return the keys that may describe an array, to Zarr v2, Zarr v3 or N5.

    Parameters
    ----------
    batch
        Of `zstore.inventory.snapshot.key_batches.SCHEMA`.
    """
    keys = batch.column(0)
    text = keys.buffers()[2]
    # One look at all the names together, which almost always says no.
    content = b"" if text is None else text.to_pybytes()
    if not any(ending in content for ending in _ENDINGS):
        return []
    found: list[str] = keys.filter(pc.match_substring_regex(keys, _DOCUMENT)).to_pylist()
    return found
