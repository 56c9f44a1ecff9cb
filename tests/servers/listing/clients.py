"""Stores on a bucket of the server, with credentials that it does not look at."""

from datetime import timedelta
from typing import Any

from zstore import FsspecStore, ObjectStore

__all__ = ["Address"]

_KEY, _SECRET = "key", "secret"
# As quick as a test wants it: a retry is no reason to wait for seconds.
_BACKOFF = {
    "init_backoff": timedelta(milliseconds=5),
    "max_backoff": timedelta(milliseconds=200),
    "base": 2,
}


class Address:
    """Where a server is.

    Attributes
    ----------
    url
        Without a final ``/``; empty before it is started.
    """

    url: str = ""

    def obstore_options(self, *, retries: int = 0) -> dict[str, Any]:
        """Options for obstore's S3Store, which asks again so many times."""
        return {
            "endpoint": self.url,
            "access_key_id": _KEY,
            "secret_access_key": _SECRET,
            "region": "us-east-1",
            "client_options": {"allow_http": True},
            "retry_config": {"max_retries": retries, "backoff": _BACKOFF},
        }

    def obstore_store(
        self, bucket: str, prefix: str = "", *, retries: int = 0
    ) -> ObjectStore:
        """Return a store on a bucket, or on what lies below a prefix of it."""
        url = f"s3://{bucket}/{prefix}".rstrip("/")
        return ObjectStore.from_url(url, **self.obstore_options(retries=retries))

    def fsspec_options(self, *, retries: int = 0) -> dict[str, Any]:
        """Storage options for s3fs, whose client asks again so many times."""
        return {
            "key": _KEY,
            "secret": _SECRET,
            "endpoint_url": self.url,
            "client_kwargs": {"region_name": "us-east-1"},
            "config_kwargs": {"retries": {"total_max_attempts": 1 + retries}},
            "use_listings_cache": False,
            "skip_instance_cache": True,
        }

    def fsspec_store(
        self, bucket: str, prefix: str = "", *, retries: int = 0
    ) -> FsspecStore:
        """Return a store on a bucket, or on what lies below a prefix of it."""
        url = f"s3://{bucket}/{prefix}".rstrip("/")
        return FsspecStore.from_url(url, self.fsspec_options(retries=retries))
