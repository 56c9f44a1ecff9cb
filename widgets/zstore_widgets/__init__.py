"""Jupyter widgets that show what is in a store; a stub until the explorer is built."""

__all__: list[str] = []
