"""Who called what, when, and how long it took."""

import inspect
import logging
import sys
import sysconfig
import threading
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any, Self, TypeVar, TypeVarTuple

from zstore._compat import override
from zstore.store import Store
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.calls import Call, as_generator, hint_of, legible, nitems_of
from zstore.wrappers.own_logger import OwnLogger
from zstore.wrappers.percentiles import Percentiles, percentiles_by_method
from zstore.wrappers.trace import Record, Result, Subscriber, Trace, result_of
from zstore.wrappers.trace_export import as_chrome_trace, as_json_lines

__all__ = ["LoggingStore"]

S = TypeVar("S", bound=Store)
T = TypeVar("T")
Args = TypeVarTuple("Args")

_FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"
_INFO = logging.INFO
_FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
# Names of this module are found faster than attributes of others.
_clock = time.perf_counter


class LoggingStore(WrapperStore[S]):
    """Counts, logs and records every call of a store.

    Parameters
    ----------
    store
        The store to watch.
    log_level
        Calls are logged at ``"INFO"``: a line when one begins and a line when it ends.
        ``"WARNING"`` is silent; calls are counted and recorded all the same.
    log_handler
        Where the lines go; to standard output by default.
    max_records
        How many records `trace` keeps: the last ones.

    Attributes
    ----------
    counter
        How often each method was called, by its name.
    log_level, log_handler
        As given.
    logger
        Named ``"LoggingStore({store})"``. It belongs to this object alone; what it logs
        also reaches the handlers of the logger of that name and of the root.

    Raises
    ------
    InvalidTypeError
        If `store` is no `Store`, or `max_records` is negative or no int.

    Notes
    -----
    A batch is one call, with all its keys; a listing is one, counted when it begins and
    recorded when it ends. Reading a property is no call.

    It costs less than 2 us a call while nothing is logged. Records hold keys and sizes, not
    values. A pickled copy starts anew: it has the level and the length of the trace, but
    not the handler, the counts, the records and the subscribers.

    Source: seed ``zarr.storage.LoggingStore``.
    """

    _word = "logging"

    def __init__(
        self,
        store: S,
        log_level: str = "DEBUG",
        log_handler: logging.Handler | None = None,
        *,
        max_records: int = 10_000,
    ) -> None:
        super().__init__(store)
        self.counter: defaultdict[str, int] = defaultdict(int)
        self.log_level = log_level
        self.log_handler = log_handler
        handler = _default_handler() if log_handler is None else log_handler
        self.logger = OwnLogger(f"LoggingStore({store})", log_level, handler)
        self._trace = Trace(max_records)
        self._lock = threading.Lock()

    @override
    @classmethod
    async def open(
        cls,
        store_cls: type[S],
        *args: Any,
        log_level: str = "DEBUG",
        log_handler: logging.Handler | None = None,
        max_records: int = 10_000,
        **kwargs: Any,
    ) -> Self:
        """Make a store, open it and watch it; see the class for the parameters."""
        store = await store_cls.open(*args, **kwargs)
        return cls(store, log_level, log_handler, max_records=max_records)

    @override
    def _with_store(self, store: S) -> Self:
        return type(self)(
            store, self.log_level, self.log_handler, max_records=self._trace.max_records
        )

    @override
    def __reduce__(self) -> tuple[object, ...]:
        make = partial(
            type(self), log_level=self.log_level, max_records=self._trace.max_records
        )
        return make, (self._store,)

    @contextmanager
    def log(self, hint: object = "") -> Generator[None, None, None]:
        """Count, log and record what is done in the ``with`` block as one call.

        Parameters
        ----------
        hint
            What it is about: a key, or a few words.

        Notes
        -----
        The call is named after the function that the block stands in. The methods of the
        store do this by themselves.
        """
        call: Call = {"method": _caller(), "keys": (str(hint),) if hint else ()}
        announced = self._begin(call)
        clock = _clock()
        outcome = "ok"
        try:
            yield
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self._end(call, clock, _clock() - clock, (outcome, 0, 0), announced=announced)

    @override
    async def _call(
        self,
        call: Call,
        run: Callable[[*Args], Awaitable[T]],
        *args: *Args,
    ) -> T:
        # `_begin`, `_end` and `result_of` stand here once more, for a `get`: to call them
        # would cost a quarter of all that logging costs.
        method = call["method"]
        if _FREE_THREADED:
            with self._lock:
                self.counter[method] += 1
        else:
            # One step: the interpreter changes threads only at calls and jumps back.
            self.counter[method] += 1
        announced = self.logger.level <= _INFO and self._announce(call)
        clock = _clock()
        try:
            result = await run(*args)
        except BaseException as error:
            failure = (type(error).__name__, 0, 0)
            self._end(call, clock, _clock() - clock, failure, announced=announced)
            raise
        seconds = _clock() - clock
        value: Any = result
        if method == "get" and value is not None:
            ended: Result = ("ok", len(value), 0)
        else:
            ended = result_of(method, value)
        if announced:
            self._end(call, clock, seconds, ended, announced=True)
        else:
            self._trace.add(call, clock, seconds, ended)
        return result

    @override
    async def _iterate(
        self,
        call: Call,
        run: Callable[[*Args], AsyncIterator[T]],
        *args: *Args,
    ) -> AsyncGenerator[T, None]:
        announced = self._begin(call)
        clock = resumed = _clock()
        seconds = 0.0
        nitems = 0
        outcome = "ok"
        try:
            async with aclosing(as_generator(run(*args))) as items:
                async for item in items:
                    seconds += _clock() - resumed
                    nitems += nitems_of(item)
                    yield item
                    resumed = _clock()
                seconds += _clock() - resumed
        except GeneratorExit:
            outcome = "stopped"
            raise
        except BaseException as error:
            seconds += _clock() - resumed
            outcome = type(error).__name__
            raise
        finally:
            self._end(call, clock, seconds, (outcome, 0, nitems), announced=announced)

    def _begin(self, call: Call) -> bool:
        """Count a call that begins; return whether its beginning was logged."""
        with self._lock:
            self.counter[call["method"]] += 1
        return self._announce(call)

    def _announce(self, call: Call) -> bool:
        """Log that a call begins; return whether it was logged."""
        if not self.logger.isEnabledFor(_INFO):
            return False
        self.logger.info(" Calling %s", self._operation(call))
        return True

    def _end(
        self, call: Call, clock: float, seconds: float, result: Result, *, announced: bool
    ) -> None:
        """Record a call that ends; log it, if its beginning was logged."""
        if announced:
            self.logger.info("Finished %s [%.2f s]", self._operation(call), seconds)
        self._trace.add(call, clock, seconds, result)

    def _operation(self, call: Call) -> str:
        operation = f"{type(self._store).__name__}.{call['method']}"
        hint = legible(hint_of(call.get("keys", ()), call.get("prefix")))
        return f"{operation}({hint})" if hint else operation

    @property
    def trace(self) -> list[Record]:
        """The last calls that have ended, in the order in which they ended."""
        return self._trace.records()

    def reset(self) -> None:
        """Forget all counts and records; subscribers stay."""
        with self._lock:
            self.counter.clear()
        self._trace.clear()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` with the record of each call that ends, from now on.

        Parameters
        ----------
        subscriber
            Called on the loop of the call, which waits for it: it has to be quick. If it
            raises, it is dropped with a `ZStoreWarning`. Added twice, it is called once.
        """
        self._trace.subscribe(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` no more; one that was never added is no error."""
        self._trace.unsubscribe(subscriber)

    def percentiles(self) -> dict[str, Percentiles]:
        """Return how long the calls of `trace` took, by method."""
        return percentiles_by_method(self.trace)

    def to_json_lines(self) -> str:
        """Return `trace` as text: one JSON object a line; see `as_json_lines`."""
        return as_json_lines(self.trace)

    def to_chrome_trace(self) -> str:
        """Return `trace` as JSON that Perfetto opens; see `as_chrome_trace`."""
        return as_chrome_trace(self.trace)


def _default_handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(_FORMAT))
    return handler


def _caller() -> str:
    """Return the name of the function that entered the ``with`` block of `log`."""
    frame = inspect.currentframe()
    for _ in ("this function", "log", "the context manager"):
        frame = frame.f_back if frame is not None else None
    return "log" if frame is None else frame.f_code.co_name
