"""How clients reach the server; its own module for that would import boto3 and moto."""

from typing import Any

__all__ = ["fsspec_options", "obstore_options"]

_KEY, _SECRET = "key", "secret"


def obstore_options(url: str) -> dict[str, Any]:
    """Options for obstore's S3Store; it asks again as often as it does by itself."""
    return {
        "endpoint": url,
        "access_key_id": _KEY,
        "secret_access_key": _SECRET,
        "region": "us-east-1",
        "client_options": {"allow_http": True},
    }


def fsspec_options(url: str, *, cache: bool = False) -> dict[str, Any]:
    """Storage options for s3fs."""
    return {
        "key": _KEY,
        "secret": _SECRET,
        "endpoint_url": url,
        "client_kwargs": {"region_name": "us-east-1"},
        "use_listings_cache": cache,
        "skip_instance_cache": True,
    }
