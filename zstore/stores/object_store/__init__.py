"""Values in an object store of obstore: S3, Google, Azure, HTTP, local, memory.

==============  ==================================================================
`store`         `ObjectStore`
`client`        what an object store has to have, and where it is
`failures`      what its errors mean
`listing`       its listings, without what is no key
`folders`       empty folders on a local disk
==============  ==================================================================
"""

from zstore.stores.object_store.store import ObjectStore

__all__ = ["ObjectStore"]
