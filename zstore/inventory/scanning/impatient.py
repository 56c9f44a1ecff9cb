"""A store that fails at once where its client would ask again by itself."""

from typing import Any

from zstore.store import Store
from zstore.stores.object_store import ObjectStore

__all__ = ["impatient"]


def impatient(store: Store) -> Store:
    """Return what lists the same, without the retries of obstore.

    A client that asks again by itself hides that a server has too much to do: then a scan
    goes on asking for as many pages at once as before, most of them in vain. `Patience`
    and `Pace` see what is refused, and make up for the retries.

    Parameters
    ----------
    store
        Of any kind.

    Returns
    -------
    Store
        The same object, if it is no object store of obstore, or is wrapped.

    Notes
    -----
    No request. It has connections of its own, which are opened when they are needed.
    """
    if type(store) is not ObjectStore:
        return store
    client: Any = store.store
    if not hasattr(client, "retry_config") or not hasattr(client, "__getnewargs_ex__"):
        return store
    given, named = client.__getnewargs_ex__()
    retries: dict[str, Any] = {**(client.retry_config or {}), "max_retries": 0}
    return ObjectStore(
        type(client)(*given, **{**named, "retry_config": retries}),
        read_only=store.read_only,
        timeout=store.timeout,
        verify=store.verify,
    )
