"""Arrow and DuckDB, which the extra ``inventory`` brings."""

import importlib
from typing import Any

from zstore.errors import MissingDependencyError

__all__ = ["duckdb", "pa", "pc", "pq"]


def _required(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingDependencyError(package, extra="inventory") from error


# Neither package says what types its functions have.
pa: Any = _required("pyarrow")
pc: Any = _required("pyarrow.compute")
pq: Any = _required("pyarrow.parquet")
duckdb: Any = _required("duckdb")
