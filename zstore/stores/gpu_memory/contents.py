"""The values of a store on a device, and the memory that they share."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, ref

from zstore._compat import override
from zstore.buffer import Buffer, gpu
from zstore.concurrency import TURN
from zstore.gpu.engine import Engine
from zstore.gpu.slab import compacted, is_sparse, padded
from zstore.gpu.span import Span
from zstore.stores.memory import Contents

__all__ = ["DeviceContents"]


@dataclass(slots=True)
class _Slab:
    """Memory that several values came to share.

    Held weakly: the values keep it, also where others took them out of the mapping. What
    is dead is counted, since what lives is not published all at once.
    """

    base: ReferenceType[Any]
    nbytes: int
    dead_nbytes: int
    keys: list[str]


class DeviceContents(Contents):
    """The values, and where to put more of them.

    Parameters
    ----------
    values
        The mapping of the store, kept as it is.

    Attributes
    ----------
    engine, pool
        Of the device; None until they are needed first.
    """

    def __init__(self, values: MutableMapping[str, Any]) -> None:
        super().__init__(values)
        self.engine: Engine | None = None
        self.pool: Any = None
        self._slabs: dict[int, _Slab] = {}

    def attach(self, engine: Engine) -> Engine:
        """Take an engine, unless there is one already; return the one that is taken."""
        with self.lock:
            if self.engine is None:
                self.engine, self.pool = engine, engine.driver.pool()
            return self.engine

    @override
    def put(self, key: str, value: Buffer) -> None:
        with self.lock:
            before = self.values.get(key)
            super().put(key, value)
            self._let_go(before)

    @override
    def drop(self, key: str) -> None:
        with self.lock:
            before = self.values.get(key)
            super().drop(key)
            self._let_go(before)

    def put_all(self, items: Iterable[tuple[str, gpu.Buffer]]) -> None:
        """Give keys their values, and remember which of these share memory."""
        with self.lock:
            for key, value in items:
                self.put(key, value)
                base = value.base
                if not is_sparse(0, base.nbytes) or value.nbytes == base.nbytes:
                    continue
                slab = self._slabs.get(id(base))
                if slab is None or slab.base() is not base:
                    slab = self._slabs[id(base)] = _Slab(ref(base), base.nbytes, 0, [])
                slab.keys.append(key)

    def _let_go(self, value: object) -> None:
        if not self._slabs or not isinstance(value, gpu.Buffer):
            return
        slab = self._slabs.get(id(value.base))
        if slab is None or slab.base() is not value.base:
            return
        slab.dead_nbytes += padded(value.nbytes)
        if is_sparse(slab.nbytes - slab.dead_nbytes, slab.nbytes):
            # At most once: what is left moves, or there was no room to move it.
            del self._slabs[id(value.base)]
            if self.engine is not None:
                self.engine.begin(self._compact, slab, self.engine)

    def _compact(self, slab: _Slab, engine: Engine) -> None:
        """Move what is left of a slab; on the engine's thread."""
        base = slab.base()
        values = {key: self.values.get(key) for key in slab.keys}
        left = sorted(
            (value.offset, key, value)
            for key, value in values.items()
            if isinstance(value, gpu.Buffer) and value.base is base
        )
        offsets = [offset for offset, _, _ in left]
        group, moves = compacted(offsets, [value.nbytes for _, _, value in left])
        try:
            target = engine.device.allocate(group.nbytes, self.pool)
        except engine.driver.out_of_memory:
            return
        engine.device.await_parts(value for _, _, value in left)
        for move in moves:
            engine.driver.duplicate(target, move.to, base, move.start, move.nbytes)
        ready = engine.driver.record()
        moved = [
            gpu.Buffer.of(Span(target, to, value.nbytes, ready), readonly=True)
            for to, (_, _, value) in zip(group.offsets, left, strict=True)
        ]
        gone: list[gpu.Buffer] = []
        for first in range(0, len(left), TURN):
            some = slice(first, first + TURN)
            with self.lock:
                stays: list[tuple[str, gpu.Buffer]] = []
                for (_, key, old), new in zip(left[some], moved[some], strict=True):
                    if self.values.get(key) is old:
                        stays.append((key, new))
                    else:
                        gone.append(new)
                self.put_all(stays)
        with self.lock:
            # Deleted meanwhile: their copies are dead from the start.
            for value in gone:
                self._let_go(value)
