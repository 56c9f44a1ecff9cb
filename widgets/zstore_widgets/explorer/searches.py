"""Looking for a name in all of a store."""

import json
import re
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any, Final

from zstore.entries import SizeBatch
from zstore.keys import prefix_of
from zstore_widgets.channel import BadRequestError, Job, request
from zstore_widgets.channel.pace import Pace
from zstore_widgets.root import Root

__all__ = ["Searches"]

MAX_HITS: Final = 1_000
_MAX_NBYTES: Final = 200_000


class Searches:
    """Answers which keys and folders have a text in their name.

    Parameters
    ----------
    root
        What is shown.
    """

    def __init__(self, root: Root) -> None:
        self._root = root

    @request
    async def search(self, job: Job, prefix: str, text: str) -> dict[str, Any]:
        """Look for a text below a prefix, whatever the case of its letters.

        Each part has ``keys``, the hits that are new (a folder ends in ``/``), their
        sizes (``nbytes``, None for a folder), and ``seen``, the number of keys looked at.

        Notes
        -----
        One `Store.scan`, which ends at the 1,000th hit.
        """
        if not text:
            msg = "a search needs a text to look for"
            raise BadRequestError(msg)
        hits = _Hits(prefix_of(prefix), text)
        pace = Pace()
        seen = 0
        store = await self._root.store()
        async with aclosing(store.scan(prefix)) as batches:
            async for batch in batches:
                hits.take(batch)
                seen += len(batch)
                if pace.is_due() or hits.are_enough:
                    await hits.send(job, seen)
                if hits.are_enough:
                    break
        await hits.send(job, seen)
        return {"seen": seen, "hits": hits.count, "complete": not hits.are_enough}


class _Hits:
    """What was found, and what of it was not sent yet."""

    def __init__(self, below: str, text: str) -> None:
        self._start = len(below)
        self._pattern = re.compile(re.escape(text), re.IGNORECASE)
        self._folders: set[str] = set()
        self._fresh: list[tuple[str, int | None]] = []
        self.count = 0

    @property
    def are_enough(self) -> bool:
        return self.count >= MAX_HITS

    def take(self, batch: SizeBatch) -> None:
        # The quick look at all keys is a search in a text; few go further.
        search, start = self._pattern.search, self._start
        for key, nbytes in batch:
            if not search(key, start):
                continue
            for hit in self._hits_of(key):
                if self.are_enough:
                    return
                self._fresh.append((hit, nbytes if hit == key else None))
                self.count += 1

    def _hits_of(self, key: str) -> Iterator[str]:
        """Iterate over the folders and the key that a match ends in, each once."""
        for match in self._pattern.finditer(key, self._start):
            end = key.find("/", match.end() - 1)
            if end < 0:
                yield key
                return
            folder = key[: end + 1]
            if folder not in self._folders:
                self._folders.add(folder)
                yield folder

    async def send(self, job: Job, seen: int) -> None:
        """Send what is new, in parts that are not too large."""
        fresh, self._fresh = self._fresh, []
        start, nbytes = 0, 0
        for stop, (key, _) in enumerate(fresh):
            nbytes += len(json.dumps(key))
            if nbytes > _MAX_NBYTES and stop > start:
                await _send(job, seen, fresh[start:stop])
                start, nbytes = stop, len(json.dumps(key))
        await _send(job, seen, fresh[start:])


async def _send(job: Job, seen: int, hits: list[tuple[str, int | None]]) -> None:
    keys = [key for key, _ in hits]
    await job.part({"keys": keys, "nbytes": [size for _, size in hits], "seen": seen})
