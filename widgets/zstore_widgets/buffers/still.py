"""A buffer, or a store in memory, as text and HTML: the same on every run, no device."""

from heapq import nsmallest
from html import escape

from zstore.buffer import Buffer, gpu
from zstore.display import format_count, format_nbytes, visible
from zstore_widgets.buffers.subject import HeldStore

__all__ = ["buffer_html", "buffer_text", "device_of", "store_html", "store_text"]

_MAX_ROWS = 20
_MAX_KEY = 200
_HEAD_NBYTES = 64
# Some hosts show pre in the font of the text.
_HEX = "margin:.3em 0 0;font-family:monospace;white-space:pre;overflow:auto"
_NUMBER = "text-align:right;font-variant-numeric:tabular-nums"


def device_of(buffer: Buffer) -> str:
    """Return where a buffer is: ``"cpu"``, or ``"cuda:0"`` and so on."""
    return f"cuda:{buffer.device_id}" if isinstance(buffer, gpu.Buffer) else "cpu"


def buffer_text(buffer: Buffer) -> str:
    """Return where a buffer is and whose memory it is, without addresses."""
    how = "read-only" if buffer.readonly else "writable"
    nbytes = f"{format_count(len(buffer))} bytes"
    return f"{nbytes} on {device_of(buffer)}, {how}, {_whose(buffer)}"


def buffer_html(buffer: Buffer) -> str:
    """Return the first bytes of a buffer in host memory, as HTML; "" for a device."""
    if isinstance(buffer, gpu.Buffer):
        return ""
    head = buffer[: min(_HEAD_NBYTES, len(buffer))].to_bytes()
    rows = [head[at : at + 16].hex(" ") for at in range(0, len(head), 16)]
    if len(head) < len(buffer):
        rows.append("…")
    lines = "\n".join(rows)
    return f'<pre style="{_HEX}">{lines}</pre>'


def store_text(held: HeldStore) -> str:
    """Return how many values a store holds in memory, and their bytes if not too many."""
    sizes = held.sizes()
    if sizes is None:
        return held.title
    values = f"{format_count(len(sizes))} value{'s' * (len(sizes) != 1)}"
    nbytes = format_nbytes(sum(size for _, size in sizes))
    return f"{type(held.inner).__name__}: {values}, {nbytes}"


def store_html(held: HeldStore) -> str:
    """Return the largest values of a store as a table; names are shown by `visible`."""
    sizes = held.sizes() or []
    rows = "".join(
        f"<tr><td>{escape(visible(key[:_MAX_KEY]))}</td>"
        f'<td style="{_NUMBER}">{format_nbytes(nbytes)}</td></tr>'
        for key, nbytes in nsmallest(_MAX_ROWS, sizes, key=_largest_first)
    )
    if len(sizes) > _MAX_ROWS:
        rows += f"<tr><td>… {format_count(len(sizes) - _MAX_ROWS)} more</td><td></td></tr>"
    return f"<table><tbody>{rows}</tbody></table>" if rows else ""


def _largest_first(item: tuple[str, int]) -> tuple[int, str]:
    key, nbytes = item
    return -nbytes, key


def _whose(buffer: Buffer) -> str:
    if isinstance(buffer, gpu.Buffer):
        if not buffer.is_view:
            return "memory of its own"
        return f"a view of {format_nbytes(buffer.base_nbytes)} on the device"
    view = buffer.as_buffer_like()
    if view.obj is None:
        return "all of nothing"
    owner = type(view.obj).__name__
    is_view = memoryview(view.obj).nbytes > len(buffer)
    return f"a view into {owner}" if is_view else f"all of {owner}"
