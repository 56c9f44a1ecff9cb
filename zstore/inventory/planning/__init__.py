"""Sharing out a listing: which range of keys is listed next, and how many at once.

Plain Python without I/O, clocks, tasks or threads. Drivers carry out what it says, on an
event loop, on the workers of a cluster or, in tests, under a virtual clock.

==========  ========================================================================
`KeyRange`  a part of the order of keys
`Planner`   hands out ranges, and cuts those that turn out to be long
`Lease`     a range that was handed out
`Pace`      how many requests a server takes at once
==========  ========================================================================
"""

from zstore.inventory.planning.key_range import KeyRange
from zstore.inventory.planning.lease import Lease
from zstore.inventory.planning.pace import Pace
from zstore.inventory.planning.planner import Planner

__all__ = ["KeyRange", "Lease", "Pace", "Planner"]
