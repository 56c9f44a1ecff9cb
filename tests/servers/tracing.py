"""Threads of servers, which coverage does not follow."""

import sys

__all__ = ["untraced"]


def untraced() -> None:
    """Let this thread run at full speed: none of the library runs on a server's side."""
    sys.settrace(None)
