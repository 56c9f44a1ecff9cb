"""The exit statuses that say more than right or wrong."""

__all__ = ["INTERRUPTED"]

INTERRUPTED = 130
"""After Ctrl-C, as a shell says of a program that it ended."""
