"""What bare copies take: no store can be faster."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from tests.benchmarks.gpu.devices import BytesArray, random_bytes
from tests.benchmarks.gpu.session import MIB, Prepare, Session, human

__all__ = ["run", "slab_limit", "upload_limit"]

_SLAB_NBYTES = 64 * MIB
_THREADS = (1, 4, 8)


def run(session: Session) -> None:
    """Measure the copies in both directions, and within the device."""
    for size in session.options.sizes:
        _copies(session, size)
        session.device.trim()


def _copies(session: Session, size: int) -> None:
    device, calls = session.device, session.options.calls(size)
    host, target = device.pinned(size * calls), device.empty(size * calls)
    host[:] = random_bytes(size * calls)
    sent = host.copy()

    def upload() -> None:
        device.upload(target, host, size)

    def download() -> None:
        device.download(host, target, size)

    there: dict[str, Prepare] = {"limit": lambda: upload}
    back: dict[str, Prepare] = {"limit": lambda: download}
    session.compare("pinned host to device", size, there, calls=calls)
    host[:] = 0
    session.compare("device to pinned host", size, back, calls=calls)
    session.check(
        f"the same bytes come back from the device, {human(size, 'bytes')} at a time",
        holds=np.array_equal(sent, host),
    )


def upload_limit(session: Session, size: int, calls: int) -> Prepare:
    """Return the job that copies pinned memory, one copy a value."""
    device = session.device
    host, target = device.pinned(size * calls), device.empty(size * calls)
    return lambda: lambda: device.upload(target, host, size)


def slab_limit(session: Session, chunks: list[BytesArray]) -> tuple[str, Prepare]:
    """Return the fastest way to pack chunks into pinned slabs, each copied at once.

    Measures with one and more threads; the name says how many the returned job has.
    """
    size = len(chunks[0])
    found: dict[str, Prepare] = {}
    best = 0.0, ""
    for threads in _THREADS:
        if threads > max(1, os.cpu_count() or 1):
            continue
        name = f"slab, {threads} threads"
        found[name] = _slab(session, chunks, threads)
        session.compare("pack and upload", size, {name: found[name]}, calls=len(chunks))
        row = session.find("pack and upload", name, size)
        if row is not None and (not best[1] or row.median < best[0]):
            best = row.median, name
    return best[1], found[best[1]]


def _slab(session: Session, chunks: list[BytesArray], threads: int) -> Prepare:
    device, size = session.device, len(chunks[0])
    each = max(1, _SLAB_NBYTES // size)
    groups = [chunks[first : first + each] for first in range(0, len(chunks), each)]
    slabs = [device.pinned(len(group) * size) for group in groups]
    targets = [device.empty(len(group) * size) for group in groups]
    shares = [_shares(*pair, threads) for pair in zip(groups, slabs, strict=True)]
    pool = ThreadPoolExecutor(threads)

    def send() -> None:
        for share, slab, target in zip(shares, slabs, targets, strict=True):
            for done in [pool.submit(_pack, *part) for part in share]:
                done.result()
            device.upload(target, slab, slab.nbytes)

    return lambda: send


def _shares(
    group: list[BytesArray], slab: BytesArray, threads: int
) -> list[tuple[list[BytesArray], BytesArray]]:
    """Say what each thread packs, and where to; a single value is cut."""
    pieces = group
    if len(group) < threads:
        pieces = [piece for chunk in group for piece in np.array_split(chunk, threads)]
    ends = [len(pieces) * number // threads for number in range(threads + 1)]
    shares = []
    at = 0
    for first, last in pairwise(ends):
        nbytes = sum([piece.nbytes for piece in pieces[first:last]])
        shares.append((pieces[first:last], slab[at : at + nbytes]))
        at += nbytes
    return shares


def _pack(pieces: list[BytesArray], slab: BytesArray) -> None:
    np.concatenate(pieces, out=slab)
