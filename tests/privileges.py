"""Doing something as a user who may do nothing: root may read every file."""

import asyncio
import os
import warnings
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

__all__ = ["in_child_without_privileges", "open_to_all"]

_NOBODY = 65534


def open_to_all(folder: Path) -> None:
    """Let other users into a folder of pytest's, which only its owner may enter."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and "pytest" in str(path):
            path.chmod(0o755)


def in_child_without_privileges(run: Callable[[], Coroutine[Any, Any, object]]) -> int:
    """Run a coroutine in a forked child as nobody; 0 if it ended well."""
    with warnings.catch_warnings():
        # Python 3.12 warns of threads at a fork; the child starts its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(_NOBODY)
                os.setuid(_NOBODY)
            asyncio.run(run())
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
