"""The key-value store of tensorstore."""

import os
from collections.abc import Callable
from typing import Any

import tensorstore

from tests.benchmarks.inventory.ways.addresses import obstore_options

__all__ = ["names"]


def names(*, url: str, bucket: str) -> Callable[[], dict[str, Any]]:
    """List the names in a bucket; it has no sizes."""
    options = obstore_options(url)
    os.environ["AWS_ACCESS_KEY_ID"] = options["access_key_id"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = options["secret_access_key"]
    place = {"driver": "s3", "bucket": bucket, "endpoint": url, "aws_region": "us-east-1"}
    store = tensorstore.KvStore.open(place).result()
    return lambda: {"nkeys": len(store.list().result())}
