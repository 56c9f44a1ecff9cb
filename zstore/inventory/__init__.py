"""How large everything in a store is: scans that can be stopped, kept and asked.

`Inventory.scan` lists a store into a snapshot, `Inventory.open` opens one again. Needs the
extra ``inventory`` (pyarrow and DuckDB).
"""

from zstore.inventory.bars import progress_bar
from zstore.inventory.inventory import Inventory
from zstore.inventory.scanning.progress import ScanProgress

__all__ = ["Inventory", "ScanProgress", "progress_bar"]
