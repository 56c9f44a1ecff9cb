"""How a store shows itself where no widget runs: as text, and as HTML without scripts.

>>> import asyncio
>>> from zstore import MemoryStore
>>> from zstore.display import outline, outline_text
>>> store = MemoryStore()
>>> asyncio.run(store.set("ocean/readme.txt", b"deep"))
>>> print(outline_text(asyncio.run(outline(store))))
MemoryStore('memory://'): 1 folder, 1 key in the first 2 levels
└── ocean/
    └── readme.txt  4 B

All that comes from a store is shown by `visible`: nothing in it acts, hides or moves.
"""

from zstore.display.bundle import mimebundle
from zstore.display.html import outline_html
from zstore.display.names import visible
from zstore.display.numbers import format_count, format_nbytes, format_shape
from zstore.display.outline import outline
from zstore.display.rows import Outline, Row, about, caption
from zstore.display.sentences import place_line, sentence, sentence_of, without_home
from zstore.display.text import outline_text

__all__ = [
    "Outline",
    "Row",
    "about",
    "caption",
    "format_count",
    "format_nbytes",
    "format_shape",
    "mimebundle",
    "outline",
    "outline_html",
    "outline_text",
    "place_line",
    "sentence",
    "sentence_of",
    "visible",
    "without_home",
]
