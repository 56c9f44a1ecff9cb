"""The memory of a store: a map of it, the values in it, and one of them to look at."""

from dataclasses import dataclass

from zstore.concurrency import run_in_thread
from zstore.errors import KeyNotFoundError
from zstore.inspection import MemoryMap, memory_map
from zstore_widgets.buffers.strips import (
    MAX_STRIPS,
    Strip,
    cells_of,
    shortened,
    strips_of,
)
from zstore_widgets.buffers.subject import HeldStore, Picked
from zstore_widgets.channel import BadRequestError, Job, request

__all__ = ["MemoryRequests"]

MAX_REGIONS = 20_000
MAX_ROWS = 100
# A hundred of them are well below what one message may hold.
_MAX_KEY_NBYTES = 1024


@dataclass(frozen=True, slots=True)
class _Drawn:
    number: int
    strips: list[Strip]


class MemoryRequests:
    """Answers what lies where in the memory of a store.

    Parameters
    ----------
    store
        What is looked at; None if the view shows one buffer.
    picked
        Where a value is put that was chosen.
    """

    def __init__(self, store: HeldStore | None, picked: Picked) -> None:
        self._store = store
        self._picked = picked
        # What positions refer to: the store may have changed since it was drawn.
        self._drawn = _Drawn(0, [])

    @request
    async def memory_map(self, job: Job) -> dict[str, object]:
        """Draw the memory: each strip a part, then the figures of it all.

        All the parts together are below 256 KiB, however many values there are.
        """
        # No server keeps it waiting, and a million values take some seconds.
        job.wait_for_events()
        memory = await memory_map(self._held().store, max_regions=MAX_REGIONS)
        strips = await run_in_thread(strips_of, memory)
        self._drawn = _Drawn(self._drawn.number + 1, strips)
        shown = _shown(strips)
        for number in shown:
            await job.part(await run_in_thread(_told, number, strips[number]))
        return {"map": self._drawn.number, **_figures(memory, strips, shown)}

    @request
    async def memory_values(
        self,
        job: Job,  # noqa: ARG002 -- one answer
        map: int,  # noqa: A002 -- as in the messages
        strip: int,
        start: int,
        count: int,
    ) -> list[dict[str, object]]:
        """Return some values of a strip, in the order of their places."""
        found = self._strip(map, strip)
        first = max(0, start)
        last = min(first + min(count, MAX_ROWS), len(found.residents))
        return [
            {
                "at": at,
                "key": shortened(found.residents[at].key, _MAX_KEY_NBYTES),
                "offset": found.residents[at].offset,
                "nbytes": found.residents[at].nbytes,
            }
            for at in range(first, last)
        ]

    @request
    async def memory_pick(
        self,
        job: Job,  # noqa: ARG002 -- one answer
        map: int,  # noqa: A002 -- as in the messages
        strip: int,
        at: int,
    ) -> dict[str, object]:
        """Choose a value by its place."""
        residents = self._strip(map, strip).residents
        if not 0 <= at < len(residents):
            msg = f"the strip has {len(residents):,} values, none with the number {at}"
            raise BadRequestError(msg)
        return await self._pick(residents[at].key)

    @request
    async def memory_find(self, job: Job, key: str) -> dict[str, object]:  # noqa: ARG002 -- one answer
        """Choose a value by its key."""
        return await self._pick(key)

    async def _pick(self, key: str) -> dict[str, object]:
        held = self._held()
        buffer = await held.store.get(key, prototype=held.prototype)
        if buffer is None:
            raise KeyNotFoundError(key)
        number = self._picked.add(buffer)
        return {"value": number, "key": shortened(key, _MAX_KEY_NBYTES)}

    def _held(self) -> HeldStore:
        if self._store is None:
            msg = "this view shows one buffer, and no store"
            raise BadRequestError(msg)
        return self._store

    def _strip(self, number: int, strip: int) -> Strip:
        if number != self._drawn.number or not 0 <= strip < len(self._drawn.strips):
            msg = "the map was drawn anew since; draw it again here"
            raise BadRequestError(msg)
        return self._drawn.strips[strip]


def _shown(strips: list[Strip]) -> list[int]:
    """Return the numbers of the strips that are drawn: the largest, and the last."""
    own = [at for at, strip in enumerate(strips) if strip.kind == "own"]
    shared = [at for at, strip in enumerate(strips) if strip.kind == "shared"]
    return [*shared[: MAX_STRIPS - len(own)], *own]


def _figures(memory: MemoryMap, strips: list[Strip], shown: list[int]) -> dict[str, object]:
    drawn = [strips[at] for at in shown]
    regions = sum(len(strip.regions) for strip in drawn)
    return {
        "nvalues": memory.nvalues,
        "nbytes": memory.nbytes,
        "region_nbytes": memory.region_nbytes,
        "regions": len(memory.regions),
        "complete": memory.complete,
        "hidden_regions": len(memory.regions) - regions,
        "hidden_values": memory.nvalues - sum(len(strip.residents) for strip in drawn),
        "hidden_nbytes": memory.region_nbytes - sum(strip.nbytes for strip in drawn),
    }


def _told(number: int, strip: Strip) -> dict[str, object]:
    cells = cells_of(strip)
    keys = [
        shortened(strip.residents[cell.first].key) if cell.count else "" for cell in cells
    ]
    return {
        "strip": number,
        "kind": strip.kind,
        "device": strip.regions[0].device,
        # As text: JavaScript has no integer as large as a pointer.
        "pointer": f"{strip.regions[0].pointer:#x}" if strip.kind == "shared" else None,
        "nbytes": strip.nbytes,
        "live_nbytes": strip.live_nbytes,
        "nvalues": len(strip.residents),
        "cells": {
            "start": [cell.start for cell in cells],
            "nbytes": [cell.nbytes for cell in cells],
            "live_nbytes": [cell.live_nbytes for cell in cells],
            "first": [cell.first for cell in cells],
            "count": [cell.count for cell in cells],
            "key": keys,
        },
    }
