"""The monitor: what is asked of a store, live, and what that means."""

from collections.abc import Generator
from contextlib import contextmanager
from html import escape
from typing import Any

from zstore import LoggingStore, Store
from zstore._compat import override
from zstore.concurrency import run_in_thread
from zstore.display import place_line
from zstore.display.quiet import quiet
from zstore.errors import InvalidTypeError
from zstore.sync import run
from zstore_widgets.calls.chunk_heat import ChunkHeat, Direction, heat_of
from zstore_widgets.calls.estimates import Assumptions, Estimate, estimate
from zstore_widgets.calls.feed import CallFeed
from zstore_widgets.calls.recordings import Recording, Recordings
from zstore_widgets.calls.requests import CallRequests
from zstore_widgets.calls.table import as_csv, calls_html, calls_text
from zstore_widgets.view import View, front_end

__all__ = ["CallMonitor"]


class CallMonitor(View):
    """Shows the calls of a `LoggingStore` while they happen.

    Counters, bytes, latencies and a waterfall of requests; recordings of a piece of code,
    two of them side by side; what the same calls would take and cost on an object store;
    and which chunks of an array were touched, how often and in which order.

    Parameters
    ----------
    logging_store
        The store that the code uses.
    height
        Height in pixels.

    Raises
    ------
    InvalidTypeError
        If it is no `LoggingStore`.

    Notes
    -----
    The store is subscribed to while a page shows the view, and asked for nothing: what the
    view reads itself, the metadata of arrays, it reads from the store inside.

    Examples
    --------
    >>> from zstore import LoggingStore, MemoryStore, sync
    >>> store = LoggingStore(MemoryStore(), log_level="WARNING")
    >>> monitor = CallMonitor(store)
    >>> with monitor.recording("one value"):
    ...     sync.run(store.set("a", b"abc"))
    >>> monitor.recordings[0].nbytes_in
    3
    """

    _esm, _css = front_end("call_monitor")

    def __init__(self, logging_store: LoggingStore[Any], *, height: int = 420) -> None:
        if not isinstance(logging_store, LoggingStore):
            kind = type(logging_store).__name__
            msg = (
                f"CallMonitor shows a LoggingStore, got {kind}; wrap the store first, and "
                "let the code use the wrapped one: store = LoggingStore(store)"
            )
            raise InvalidTypeError(msg)
        self.store: LoggingStore[Store] = logging_store
        inner = quiet(self.store)
        self._feed = CallFeed(self.store, self._news, self._keep_still)
        self._recordings = Recordings(self.store, self._feed.tell)
        self._requests = CallRequests(self.store, inner, self._recordings)
        super().__init__(place_line(inner), [self._feed, self._requests], height=height)

    @contextmanager
    def recording(self, label: str) -> Generator[None, None, None]:
        """Keep the calls that begin and end in the ``with`` block, under a label.

        Parameters
        ----------
        label
            Says what the code does; it may be used again.

        Notes
        -----
        Works around ``await`` too. Calls of other tasks and threads in the meantime are
        among them. The last 32 recordings are kept, with 100,000 calls each.
        """
        with self._recordings.record(str(label)):
            yield

    @property
    def recordings(self) -> list[Recording]:
        """The recordings that have ended, oldest first."""
        return self._recordings.kept

    def estimate(
        self, assumptions: Assumptions | None = None, *, recording: Recording | None = None
    ) -> Estimate:
        """Return what the calls would take and cost on an object store.

        Parameters
        ----------
        assumptions
            How the store is; see `Assumptions` for the defaults.
        recording
            The calls; all that the trace holds by default.
        """
        records = self.store.trace if recording is None else recording.records
        return estimate(records, assumptions or Assumptions())

    def chunk_heat(
        self,
        path: str,
        *,
        recording: Recording | None = None,
        direction: Direction = "read",
    ) -> ChunkHeat:
        """Return which chunks of an array were touched, how often and in which order.

        Parameters
        ----------
        path
            Of the array.
        recording
            The calls; all that the trace holds by default.
        direction
            ``"read"`` or ``"written"``.

        Raises
        ------
        InvalidTypeError
            If there is no array.

        Notes
        -----
        The requests of `zstore.hierarchy.read_node`, which are not recorded.
        """
        records = self.store.trace if recording is None else recording.records
        return heat_of(run(self._requests.node(path)), records, direction)

    def to_csv(self) -> str:
        """Return the trace as CSV, safe for spreadsheets."""
        return as_csv(self.store.trace)

    def to_json_lines(self) -> str:
        """Return the trace as text: one JSON object a line."""
        return self.store.to_json_lines()

    def to_chrome_trace(self) -> str:
        """Return the trace as JSON that Perfetto opens."""
        return self.store.to_chrome_trace()

    @override
    def text(self) -> str:
        table = calls_text(dict(self.store.counter), self.store.trace)
        return f"CallMonitor({self.title})\n{table}"

    @override
    def html(self) -> str:
        table = calls_html(dict(self.store.counter), self.store.trace)
        return f"<p><b>Calls</b> of <code>{escape(self.title)}</code></p>{table}"

    def _news(self) -> object:
        return self._recordings.news

    async def _keep_still(self) -> None:
        self.still = await run_in_thread(self.text)
