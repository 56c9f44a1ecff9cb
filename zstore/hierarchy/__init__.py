"""What the keys of a store mean to Zarr and N5, as plain data: groups, arrays, chunks.

No array library is needed, and no chunk is read: metadata documents say what a node is,
and a listing says which chunks are there. Everything is taken from the store as it is
found, and nothing of it is believed: what cannot be understood is a `Node` with a
`problem`, never an exception.

==================  ==============================================================
`read_node`         one group or array; `read_nodes` many at once
`read_consolidated` a whole tree from the one document that repeats its metadata
`parse_node`        the same from documents that were read before
`scan_chunks`       which chunks of an array are stored, and how large they are
==================  ==============================================================

Sources: `Zarr v2 <https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html>`_,
`Zarr v3 core <https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html>`_, its
`sharding codec
<https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html>`_,
and `N5 <https://github.com/saalfeldlab/n5#file-system-specification>`_.
"""

from zstore.hierarchy.chunk_grid import ChunkGrid, ChunkKeyEncoding
from zstore.hierarchy.chunks import Chunks, scan_chunks
from zstore.hierarchy.codecs import Codec
from zstore.hierarchy.consolidated import consolidated_nodes, read_consolidated
from zstore.hierarchy.documents import MAX_METADATA_NBYTES, METADATA_NAMES
from zstore.hierarchy.nodes import ArrayMetadata, Format, Node
from zstore.hierarchy.parsing import parse_node
from zstore.hierarchy.reading import read_node, read_nodes

__all__ = [
    "MAX_METADATA_NBYTES",
    "METADATA_NAMES",
    "ArrayMetadata",
    "ChunkGrid",
    "ChunkKeyEncoding",
    "Chunks",
    "Codec",
    "Format",
    "Node",
    "consolidated_nodes",
    "parse_node",
    "read_consolidated",
    "read_node",
    "read_nodes",
    "scan_chunks",
]
