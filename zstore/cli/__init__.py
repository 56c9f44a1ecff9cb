"""The console script: what is in a store, how large it is, and JupyterLab to look at it.

::

    zstore tree STORE      the first levels
    zstore du STORE        how much lies where
    zstore info STORE      what a store, a group, an array or a value is
    zstore lab [STORE]     JupyterLab, with a notebook that explores it

Each subcommand is a module of its name, with `add` for its arguments and `run`; only
`info` is in `zstore.cli.describing`. ``python -m zstore.cli`` is the same.
"""

from zstore.cli.main import main

__all__ = ["main"]
