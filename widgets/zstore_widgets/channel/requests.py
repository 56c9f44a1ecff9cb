"""Which requests there are, and whether a message is one."""

import inspect
import types
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar, Union, cast

from zstore.errors import ZStoreError

__all__ = ["BadRequestError", "Request", "request", "requests_of"]

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[object]])

MAX_TEXT = 8_192
MAX_ITEMS = 4_096
# Beyond it, JavaScript has no exact integers.
MAX_INTEGER = 2**53

_MARK = "_zstore_request"


class BadRequestError(ZStoreError, ValueError):
    """A message that no view sends: an unknown request, or arguments that do not fit."""


def request(handler: Handler) -> Handler:
    """Let the front end call an async method.

    Its first parameter is the `Job`; the others are what the front end sends, checked
    against their annotations: str, int, float, bool, None, Literal, lists and unions of
    these. What it returns must be JSON.
    """
    setattr(handler, _MARK, True)
    return handler


class Request:
    """One request: its name, its handler, and what it takes."""

    def __init__(self, handler: Callable[..., Awaitable[object]]) -> None:
        self.name: str = handler.__name__
        self.handler = handler
        parameters = list(inspect.signature(handler).parameters.values())[1:]
        hints = typing.get_type_hints(handler)
        self._hints = {each.name: hints[each.name] for each in parameters}
        self._required = {each.name for each in parameters if each.default is each.empty}

    @property
    def parameters(self) -> list[str]:
        """Names of what the front end sends."""
        return list(self._hints)

    def checked(self, arguments: object) -> dict[str, Any]:
        """Return the arguments of a message.

        Raises
        ------
        BadRequestError
            If one is missing, unknown, too long or of another type.
        """
        if not isinstance(arguments, Mapping):
            msg = f"the arguments of {self.name!r} must be an object"
            raise BadRequestError(msg)
        given = cast("dict[str, object]", dict(arguments))
        names = set(given)
        if unknown := names - set(self._hints):
            msg = f"{self.name!r} takes no argument {min(map(ascii, unknown))}"
            raise BadRequestError(msg)
        if missing := self._required - names:
            msg = f"{self.name!r} needs the argument {min(missing)!r}"
            raise BadRequestError(msg)
        for name, value in given.items():
            if not _fits(value, self._hints[name]):
                msg = f"argument {name!r} of {self.name!r} has a wrong type or size"
                raise BadRequestError(msg)
        return given


def requests_of(handlers: Iterable[object]) -> dict[str, Request]:
    """Return the requests that some objects answer, by name."""
    found: dict[str, Request] = {}
    for owner in handlers:
        # Not by `inspect.getmembers`: it would read every property of a widget.
        names = {name for cls in type(owner).__mro__ for name in vars(cls)}
        for name in sorted(names):
            if not getattr(inspect.getattr_static(owner, name), _MARK, False):
                continue
            if name in found:
                msg = f"two handlers answer the request {name!r}"
                raise TypeError(msg)
            found[name] = Request(getattr(owner, name))
    return found


def _fits(value: object, hint: Any) -> bool:  # noqa: PLR0911 -- one line for each kind
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, option) for option in options)
    if origin is Literal:
        return any(type(value) is type(option) and value == option for option in options)
    if origin is list:
        return (
            isinstance(value, list)
            and len(value) <= MAX_ITEMS
            and all(_fits(item, options[0]) for item in value)
        )
    if hint in (None, type(None)):
        return value is None
    if hint is str:
        return isinstance(value, str) and len(value) <= MAX_TEXT
    if hint is bool:
        return isinstance(value, bool)
    if hint is int:
        return type(value) is int and abs(value) <= MAX_INTEGER
    if hint is float:
        # Not a NaN, and not infinite.
        return type(value) in (int, float) and abs(cast("float", value)) <= MAX_INTEGER
    return False
