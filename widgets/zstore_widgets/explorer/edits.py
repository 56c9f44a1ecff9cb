"""Deleting, for explorers that were asked to allow it."""

from typing import Any

from zstore.errors import ReadOnlyError
from zstore_widgets.channel import BadRequestError, Job, request
from zstore_widgets.root import Root

__all__ = ["Edits"]


class Edits:
    """Answers the request to delete; a view without ``edit=True`` does not have it.

    Parameters
    ----------
    root
        What is shown, with `Root.edit`.
    """

    def __init__(self, root: Root) -> None:
        self._root = root

    @request
    async def delete(self, job: Job, keys: list[str]) -> dict[str, Any]:
        """Delete keys, and of those that end in ``/`` all that lies below.

        Notes
        -----
        One `Store.delete` or `Store.delete_dir` each, one after the other; parts say how
        many are done.
        """
        if not self._root.edit:
            raise ReadOnlyError(self._root.title, "delete")
        if not all(key.strip("/") for key in keys):
            msg = "the root itself cannot be deleted here"
            raise BadRequestError(msg)
        store = await self._root.store()
        for done, key in enumerate(keys, 1):
            await (store.delete_dir(key) if key.endswith("/") else store.delete(key))
            await job.part({"done": done})
        return {"done": len(keys)}
