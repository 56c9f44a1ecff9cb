"""A logger that belongs to one object, not to everybody who knows its name."""

import logging

from zstore._compat import override

__all__ = ["OwnLogger"]


class OwnLogger(logging.Logger):
    """A logger with its own level and handlers, even if another has the same name.

    Two stores on one place make loggers of one name. ``logging.getLogger`` would give
    them the same object: the second would take over the level of the first, and what one
    logs would come out of the handlers of both.

    What it logs is also passed on to the shared logger of that name, and so to the root:
    handlers that an application puts there get it, and the level of the shared logger
    holds too.

    Parameters
    ----------
    name
        As for ``logging.getLogger``.
    level
        Below this nothing is logged.
    handler
        Where it goes, besides what was said above.
    """

    def __init__(self, name: str, level: int | str, handler: logging.Handler) -> None:
        super().__init__(name, level)
        self._shared = logging.getLogger(name)
        self.parent = self._shared
        self.addHandler(handler)

    @override
    def isEnabledFor(self, level: int) -> bool:
        # The inherited one keeps its answer until the registered loggers change; this
        # logger is not registered, so nobody would tell it.
        if self.disabled or level <= self.manager.disable:
            return False
        return level >= self.level and level >= self._shared.level
