"""Values in an object store of obstore: S3, Google, Azure, HTTP, local, memory.

==============  ==================================================================
`store`         `ObjectStore`
`written`       its part that writes and deletes
`listed`        its part that lists
`asking`        how often a request is sent, and how long it may take
`client`        what an object store has to have, and where it is
`failures`      what its errors mean
`stream`        the pages of a listing, each waited for
`columns`       a page as columns of Arrow
`naming`        the names of objects, of which obstore drops a final slash
`pages`         whole listings: of keys, of all there is, as a total
`listing`       one level, or a page of it
`folders`       empty folders on a local disk
==============  ==================================================================
"""

from zstore.stores.object_store.store import ObjectStore

__all__ = ["ObjectStore"]
