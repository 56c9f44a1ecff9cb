"""A fake of S3 that only lists, and knows its keys by a formula.

A page is made when it is asked for, so that a bucket of 10^9 keys costs nothing. The
requests are counted exactly, and the server can be slow, throttle, lie and break.

==============  ==================================================================
`server`        `ListingServer`, in a thread of this process
`process`       `ListingProcess`, the same in a process of its own
`spaces`        what a bucket is: keys, sizes and times
`pages`         which keys and prefixes stand in one answer of ListObjectsV2
`documents`     the XML of the answers
`behaviour`     what was asked, and what goes wrong
`clients`       stores on a bucket
==============  ==================================================================

``python -m tests.servers.listing`` runs one until its standard input ends.
"""

from tests.servers.listing.behaviour import FAULTS, Counts
from tests.servers.listing.process import ListingProcess
from tests.servers.listing.server import ListingServer
from tests.servers.listing.spaces import ListedKeys, modified

__all__ = [
    "FAULTS",
    "Counts",
    "ListedKeys",
    "ListingProcess",
    "ListingServer",
    "modified",
]
