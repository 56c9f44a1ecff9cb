"""How an object store is written."""

from abc import ABC
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import uuid4

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.concurrency import run_to_the_end
from zstore.concurrency.finishing import to_the_end
from zstore.errors import KeyConflictError
from zstore.stores.failures import speakable
from zstore.stores.object_store.asking import limited, tells_writers
from zstore.stores.object_store.client import check_process, kind_of
from zstore.stores.object_store.failures import (
    failure_of,
    is_called,
    was_repeated,
    write_failure,
)
from zstore.stores.object_store.folders import remove_empty
from zstore.stores.object_store.listed import ListedObjects
from zstore.stores.tries import WRITER, Patience, Try

__all__ = ["WrittenObjects"]

# Larger values are sent in parts, several at once.
_ONE_REQUEST_NBYTES = 64 * 2**20


class WrittenObjects(ListedObjects, ABC):
    """The part of `ObjectStore` that writes and deletes."""

    _patience: Patience

    def _raise(self, where: str, error: Exception) -> None:
        """Raise what an error means, unless it means that the value is missing."""
        check = failure_of(where, error, self)
        if check is not None:
            raise check from speakable(error)

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        check_process(self)
        options: dict[str, Any] = {"use_multipart": len(value) > _ONE_REQUEST_NBYTES}
        if not overwrite:
            options = {"use_multipart": False, "mode": "create"}
            if tells_writers(self.store):
                options["attributes"] = {WRITER: uuid4().hex}
        # A copy unless it is `bytes`: some object stores keep the memory they are given.
        data = value.to_bytes()

        async def send(attempt: Try) -> bool:
            attempt.allow(len(data))
            request = self.store.put_async(key, data, **options)
            try:
                await to_the_end(limited(request, attempt))
            except Exception as error:
                # Stored by a try whose answer was lost?
                again = attempt.number > 1 or was_repeated(error)
                if again and await self._was_ours(key, options.get("attributes"), error):
                    return True
                raise
            return True

        try:
            return await self._patience.ask(key, send)
        except Exception as error:  # noqa: BLE001 -- raised again, without secrets
            if _is_taken(error) and not overwrite:
                await self._require_no_folder(key, error)
                return False
            raise write_failure(key, error, self) from speakable(error)

    async def _was_ours(
        self, key: str, attributes: Mapping[str, str] | None, error: Exception
    ) -> bool:
        if not _is_taken(error) or attributes is None:
            return False
        found = await self.store.get_async(key, options={"head": True})
        return bool(found.attributes.get(WRITER) == attributes[WRITER])

    async def _require_no_folder(self, key: str, error: Exception) -> None:
        """On a disk, a folder of that name is in the way as well as a value."""
        if kind_of(self.store) == "LocalStore" and await self._size(key) is None:
            reason = "there is a folder of that name, with keys below it"
            raise KeyConflictError(key, reason) from error

    @override
    async def _remove(self, key: str) -> None:
        check_process(self)
        try:
            await self._delete(key, key)
        except Exception as error:  # noqa: BLE001 -- raised again unless it means missing
            self._raise(key, error)
        await self._tidy([key])

    async def _delete(self, where: str, paths: str | Sequence[str]) -> None:
        async def send(attempt: Try) -> None:
            await to_the_end(limited(self.store.delete_async(paths), attempt))

        await self._patience.ask(where, send)

    async def _tidy(self, keys: Sequence[str]) -> None:
        """Remove the empty folders that deleted keys leave on a disk."""
        root: Path | None = getattr(self.store, "prefix", None)
        if kind_of(self.store) == "LocalStore" and root is not None:
            for key in keys:
                await run_to_the_end(remove_empty, root, key)

    @override
    async def _remove_prefix(self, prefix: str) -> None:
        async with aclosing(self._list(prefix)) as batches:
            async for batch in batches:
                try:
                    await self._delete(prefix, batch)
                except Exception as error:  # noqa: BLE001 -- raised unless missing
                    self._raise(prefix, error)
                    # Somebody else deletes as well; which keys are left is not said.
                    for key in batch:
                        await self._remove(key)
                await self._tidy(batch)


def _is_taken(error: Exception) -> bool:
    return is_called(error, "AlreadyExistsError", "PreconditionError")
