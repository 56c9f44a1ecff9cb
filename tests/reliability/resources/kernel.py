"""P3: seven cells in a real kernel of a notebook, one of them interrupted."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from tests.reliability.figures import Effort, Figure

__all__ = ["kernel"]

# Seconds for a cell; and for the one that is interrupted, as a person would wait.
_CELL, _INTERRUPTED = 120.0, 20.0
_ROOT = Path(__file__).parents[3]
_OPEN = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, ROOT)
from tests.reliability.systems import opened
opening = opened(SYSTEM, Path(PLACE))
handle = await opening.__aenter__()
"""
_CELLS = {
    "set and get": "await handle.set('a', b'1')\nassert await handle.get('a') == b'1'",
    "many at once": (
        "await asyncio.gather(*(handle.set(f'k/{i}', b'1') for i in range(100)))\n"
        "assert len(await handle.keys()) == 101"
    ),
    "from another loop": (
        "await asyncio.to_thread(lambda: asyncio.run(handle.set('b', b'2')))\n"
        "assert await handle.get('b') == b'2'"
    ),
    "interrupt": "Path(BEGUN).touch()\nwhile True:\n    await handle.set('c', b'3')",
    "after an interrupt": "assert await handle.get('a') == b'1'",
    "close": "await opening.__aexit__(None, None, None)",
}


def kernel(system: str, place: Path, _: Effort) -> Iterator[Figure]:
    """Run the cells one after the other; a kernel that hangs fails the rest."""
    folder, begun = place / "store", place / "begun"
    folder.mkdir()
    names = {"ROOT": _ROOT, "SYSTEM": system, "PLACE": folder, "BEGUN": begun}
    head = "".join(f"{name} = {str(value)!r}\n" for name, value in names.items())
    cells = {"open": head + _OPEN, **_CELLS}
    failed: list[str] = []
    manager, client = start_new_kernel(extra_arguments=["--HistoryManager.enabled=False"])
    try:
        for name, code in cells.items():
            mark = begun if name == "interrupt" else None
            expected = "ok" if mark is None else "error"
            status = "not run"
            if not any(each.startswith("interrupt") for each in failed):
                status = _run(manager, client, code, mark)
            if status != expected:
                failed.append(f"{name}: {status}")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    yield Figure.counted(
        promise="P3",
        system=system,
        what="cells of a notebook that failed or could not be interrupted",
        bad=failed,
        of=len(cells),
        bar=0,
    )


def _run(manager: Any, client: Any, code: str, begun: Path | None) -> str:
    """Return how a cell ended; one that makes a file when it has begun is interrupted."""
    if begun is None:
        end = time.monotonic() + _CELL
        status = _status(client, client.execute(code), _CELL)
        # A kernel gives up what reaches it while it tells of the failure before.
        while status == "aborted" and time.monotonic() < end:
            time.sleep(0.1)
            status = _status(client, client.execute(code), _CELL)
        return status
    message = client.execute(code)
    end = time.monotonic() + _CELL
    while not begun.exists() and time.monotonic() < end:
        time.sleep(0.01)
    manager.interrupt_kernel()
    return _status(client, message, _INTERRUPTED)


def _status(client: Any, message: str, seconds: float) -> str:
    """Wait for the reply to a cell; ``"none"`` if it does not come."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            reply = client.get_shell_msg(timeout=left)
        except queue.Empty:
            break
        if reply["parent_header"].get("msg_id") == message:
            return str(reply["content"]["status"])
    return "none"
