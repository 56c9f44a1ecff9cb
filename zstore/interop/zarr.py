"""Stores for zarr-python: `as_zarr` lends ours to zarr, `from_zarr` borrows zarr's.

Only importing this module imports zarr; ``import zstore`` does not.
"""

from zstore.errors import InvalidTypeError, MissingDependencyError
from zstore.store import Store

try:
    from zarr.abc.store import Store as ZarrStore
except ImportError as error:
    raise MissingDependencyError("zarr", extra="zarr") from error

from zstore.interop.zarr_adapter import ZarrAdapter
from zstore.interop.zarr_backed import ZarrBackedStore

__all__ = ["as_zarr", "from_zarr"]


def as_zarr(store: Store) -> ZarrStore:
    """Return a zarr store on `store`, for zarr-python 3.1.3 and later.

    Parameters
    ----------
    store
        Any store of ours. It stays yours: zarr, and libraries above it, close and reopen
        stores as they like (xarray after each write), so closing the zarr store leaves
        `store` open. Close `store` itself when the work is done; a zip archive is
        complete only then.

    Returns
    -------
    zarr.abc.store.Store
        A `ZarrAdapter`; or the zarr store itself if `store` came from `from_zarr`.

    Raises
    ------
    InvalidTypeError
        If `store` is no store of ours.

    Notes
    -----
    No copy is made on the way, except between host and device. zarr takes a prefix for a
    folder, and so does the zarr store: ``"ab"`` is what lies below ``ab/``. Ranges that
    ask for no byte of a value give an empty buffer, as in zarr's own stores; negative and
    inverted ones raise `InvalidByteRangeError`. Errors are those of `zstore.errors`, each
    also the builtin that zarr catches.
    """
    if not isinstance(store, Store):
        msg = f"as_zarr takes a zstore.Store, got {type(store).__name__}: {store!r}"
        raise InvalidTypeError(msg)
    if isinstance(store, ZarrBackedStore) and store.read_only == store.zarr_store.read_only:
        return store.zarr_store
    return ZarrAdapter(store)


def from_zarr(zarr_store: ZarrStore) -> Store:
    """Return a store of ours on `zarr_store`.

    Parameters
    ----------
    zarr_store
        Any ``zarr.abc.store.Store``: zarr's own, or that of another library (icechunk).
        It stays yours: closing the store returned leaves `zarr_store` open.

    Returns
    -------
    Store
        A `ZarrBackedStore`, which says what it cannot promise; or the store of ours
        itself if `zarr_store` came from `as_zarr`.

    Raises
    ------
    InvalidTypeError
        If `zarr_store` is no zarr store.
    """
    if not isinstance(zarr_store, ZarrStore):
        kind = type(zarr_store).__name__
        msg = f"from_zarr takes a zarr.abc.store.Store, got {kind}: {zarr_store!r}"
        raise InvalidTypeError(msg)
    if not isinstance(zarr_store, ZarrAdapter):
        return ZarrBackedStore(zarr_store)
    store = zarr_store.store
    if store.read_only == zarr_store.read_only:
        return store
    return store.with_read_only(zarr_store.read_only)
