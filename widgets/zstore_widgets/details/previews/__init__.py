"""What a value is, by its first bytes, and how it is shown without running any of it.

Nothing here decompresses, unpickles or follows a reference: bytes of anybody go in, and
texts, rows and sizes of bounded length come out. All of it is pure, and fit for a thread.
"""

from zstore_widgets.details.previews.heads import Head, read_head, read_part
from zstore_widgets.details.previews.images import ImageHeader, image_header
from zstore_widgets.details.previews.json_rows import JsonRows, json_rows, rows_of_value
from zstore_widgets.details.previews.kinds import Look, look_at
from zstore_widgets.details.previews.texts import decode_part, guess_encoding

__all__ = [
    "Head",
    "ImageHeader",
    "JsonRows",
    "Look",
    "decode_part",
    "guess_encoding",
    "image_header",
    "json_rows",
    "look_at",
    "read_head",
    "read_part",
    "rows_of_value",
]
