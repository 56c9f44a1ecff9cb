"""What a snapshot says of itself: of what it is, its parts, and what is missing.

A snapshot is a tree of keys in any store::

    manifest.json             the last scan that came to its end
    unfinished.json           a scan that is under way, or was interrupted
    keys/<name>.parquet       parts: keys of one range each, sorted; no two ranges overlap
    dirs/<name>.parquet       totals of every directory
    arrays/<name>.parquet     what the metadata of each array says
    folders/<name>.parquet    when each local folder last changed

A file counts once a manifest names it. Manifests are replaced at once, so a program that
dies leaves a file that nobody names, and never a key that is counted twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from zstore.errors import CorruptStoreError, SnapshotError
from zstore.inventory.planning import KeyRange

__all__ = ["FINISHED", "UNFINISHED", "Hole", "Manifest", "Part"]

FINISHED = "manifest.json"
UNFINISHED = "unfinished.json"

_FORMAT, _VERSION = "zstore-inventory", 1


@dataclass(frozen=True, slots=True)
class Part:
    """A file of keys, all those of one range.

    Attributes
    ----------
    name
        Its key in the snapshot.
    range
        Which keys of the store it holds.
    nkeys, nbytes
        How many keys, and the sum of the sizes of their values.
    file_nbytes
        Size of the file.
    """

    name: str
    range: KeyRange
    nkeys: int
    nbytes: int
    file_nbytes: int


@dataclass(frozen=True, slots=True)
class Hole:
    """A range of keys that could not be listed, and why."""

    range: KeyRange
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a snapshot says of itself.

    Attributes
    ----------
    store
        What was scanned, without secrets.
    prefix
        The prefix that was scanned.
    source
        ``"scan"``, or ``"s3-inventory"`` for a report that was read.
    started
        When the scan began.
    finished
        When it ended, or the moment that a report is of; None while it is under way.
    nrequests
        Pages that were asked for.
    parts
        In the order of their ranges.
    pending
        Ranges that are not listed yet.
    holes
        Ranges that could not be listed.
    dirs, arrays, folders
        Keys of further files of the snapshot; None where there is none.
    run
        A name of the program's run that wrote it; another one if that goes on with it.
    """

    store: str
    prefix: str
    source: str
    started: datetime
    finished: datetime | None = None
    nrequests: int = 0
    parts: tuple[Part, ...] = ()
    pending: tuple[KeyRange, ...] = ()
    holes: tuple[Hole, ...] = ()
    dirs: str | None = None
    arrays: str | None = None
    folders: str | None = None
    run: str = ""
    nkeys: int = field(init=False)
    nbytes: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nkeys", sum(part.nkeys for part in self.parts))
        object.__setattr__(self, "nbytes", sum(part.nbytes for part in self.parts))

    @property
    def complete(self) -> bool:
        """Whether every key is in it."""
        return self.finished is not None and not self.pending and not self.holes

    def to_json(self) -> bytes:
        """Return the manifest as JSON, in UTF-8."""
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "run": self.run,
            "store": self.store,
            "prefix": self.prefix,
            "source": self.source,
            "started": self.started.isoformat(),
            "finished": None if self.finished is None else self.finished.isoformat(),
            "complete": self.complete,
            "nkeys": self.nkeys,
            "nbytes": self.nbytes,
            "nrequests": self.nrequests,
            "parts": [
                {
                    "name": part.name,
                    **_range_to_json(part.range),
                    "nkeys": part.nkeys,
                    "nbytes": part.nbytes,
                    "file_nbytes": part.file_nbytes,
                }
                for part in self.parts
            ],
            "pending": [_range_to_json(one) for one in self.pending],
            "holes": [
                {**_range_to_json(hole.range), "reason": hole.reason} for hole in self.holes
            ],
            "dirs": self.dirs,
            "arrays": self.arrays,
            "folders": self.folders,
        }
        return json.dumps(document, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes, where: str) -> "Manifest":
        """Read a manifest.

        Parameters
        ----------
        text
            JSON in UTF-8.
        where
            Where it was found, for messages.

        Raises
        ------
        CorruptStoreError
            If it is no manifest, or damaged.
        SnapshotError
            If it was written by a later version of zstore.
        """
        try:
            document = json.loads(text)
            kind, version = document["format"], int(document["version"])
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            msg = f"{where} is no manifest of an inventory: {_plainly(error)}"
            raise CorruptStoreError(msg) from error
        if kind != _FORMAT:
            msg = f"{where} is no manifest of an inventory, but one of {kind!r}"
            raise CorruptStoreError(msg)
        if version > _VERSION:
            msg = (
                f"{where} was written by a later version of zstore: its format is version "
                f"{version}, this one reads up to {_VERSION}"
            )
            raise SnapshotError(msg)
        try:
            return cls._from_document(document)
        except (ValueError, TypeError, LookupError) as error:
            msg = f"{where} is damaged: {_plainly(error)}"
            raise CorruptStoreError(msg) from error

    @classmethod
    def _from_document(cls, document: Mapping[str, Any]) -> "Manifest":
        finished = document["finished"]
        return cls(
            store=str(document["store"]),
            prefix=str(document["prefix"]),
            source=str(document["source"]),
            started=_moment(document["started"]),
            finished=None if finished is None else _moment(finished),
            nrequests=int(document["nrequests"]),
            parts=tuple(_part(one) for one in document["parts"]),
            pending=tuple(_range(one) for one in document["pending"]),
            holes=tuple(Hole(_range(one), str(one["reason"])) for one in document["holes"]),
            dirs=_name(document["dirs"]),
            arrays=_name(document["arrays"]),
            folders=_name(document["folders"]),
            run=str(document.get("run", "")),
        )


def _plainly(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _range_to_json(one: KeyRange) -> dict[str, str | None]:
    return {"after": one.after, "until": one.until}


def _range(document: Mapping[str, Any]) -> KeyRange:
    return KeyRange(str(document["after"]), _name(document["until"]))


def _part(document: Mapping[str, Any]) -> Part:
    return Part(
        name=str(document["name"]),
        range=_range(document),
        nkeys=int(document["nkeys"]),
        nbytes=int(document["nbytes"]),
        file_nbytes=int(document["file_nbytes"]),
    )


def _name(value: object) -> str | None:
    return None if value is None else str(value)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
