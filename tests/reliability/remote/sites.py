"""What is measured over a network, and the servers that it speaks to."""

import importlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from unittest.mock import patch

import zstore
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.peers import ObstoreHandle, TensorStoreHandle, ZarrHandle
from tests.servers import Faults, HttpServer, S3Server

__all__ = ["OURS", "SYSTEMS", "Settings", "Site", "opened", "site_of"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a system is opened.

    Attributes
    ----------
    seconds
        That a request may take, as far as a system can be told; None leaves its defaults.
    verify
        Whether ours compares values with their checksums.
    """

    seconds: float | None = None
    verify: bool = False


class Site:
    """A server with values, and faults."""

    def __init__(self, server: S3Server | HttpServer) -> None:
        self.server = server
        self.faults: Faults = server.faults

    def put(self, key: str, value: bytes) -> None:
        """Put a value there; that is no request."""
        if isinstance(self.server, S3Server):
            self.server.put(key, body=value)
        else:
            self.server.values[key] = value


Open = Callable[[Any, Settings], AbstractAsyncContextManager[Handle]]


def _s3_options(server: S3Server, settings: Settings) -> dict[str, Any]:
    options = server.fsspec_options
    # Its defaults, which the server sets aside for tests.
    del options["config_kwargs"]
    if settings.seconds is not None:
        options["config_kwargs"] = {"read_timeout": settings.seconds / 3}
    return {**options, "skip_instance_cache": True}


def _obstore_options(settings: Settings) -> dict[str, Any]:
    if settings.seconds is None:
        return {"client_options": {"allow_http": True}}
    third, most = settings.seconds / 3, timedelta(seconds=settings.seconds / 10)
    return {
        "client_options": {"allow_http": True, "timeout": timedelta(seconds=third)},
        "retry_config": {
            "max_retries": 4,
            "retry_timeout": timedelta(seconds=settings.seconds),
            "backoff": {"max_backoff": most},
        },
    }


def _obstore_place(server: Any) -> dict[str, Any]:
    options: dict[str, Any] = server.obstore_options
    return {n: v for n, v in options.items() if n not in ("client_options", "retry_config")}


def _mine(settings: Settings) -> dict[str, Any]:
    given: dict[str, Any] = {"verify": True} if settings.verify else {}
    return given if settings.seconds is None else {**given, "timeout": settings.seconds}


def _ours(make: Callable[[Any, Settings], zstore.Store]) -> Open:
    @asynccontextmanager
    async def open_it(server: Any, settings: Settings) -> AsyncIterator[Handle]:
        async with make(server, settings) as store:
            yield ZStoreHandle(store)

    return open_it


def _fsspec_s3(server: S3Server, settings: Settings) -> zstore.Store:
    options = server.fsspec_options
    del options["config_kwargs"]
    url = f"s3://{server.bucket}"
    return zstore.FsspecStore.from_url(url, options, **_mine(settings))


def _fsspec_http(server: HttpServer, settings: Settings) -> zstore.Store:
    return zstore.FsspecStore.from_url(server.url, **_mine(settings))


def _object_s3(server: S3Server, settings: Settings) -> zstore.Store:
    options = {**_obstore_place(server), "client_options": {"allow_http": True}}
    url = f"s3://{server.bucket}"
    return zstore.ObjectStore.from_url(url, **options, **_mine(settings))


def _object_http(server: HttpServer, settings: Settings) -> zstore.Store:
    return zstore.ObjectStore.from_url(server.url, **_mine(settings))


@asynccontextmanager
async def _zarr_s3(server: S3Server, settings: Settings) -> AsyncIterator[Handle]:
    options = {**_s3_options(server, settings), "asynchronous": True}
    kind = importlib.import_module("zarr.storage").FsspecStore
    fs = importlib.import_module("s3fs").S3FileSystem(**options)
    yield ZarrHandle(kind(fs, path=server.bucket))
    await (await fs.set_session()).close()


@asynccontextmanager
async def _zarr_http(server: HttpServer, settings: Settings) -> AsyncIterator[Handle]:
    aiohttp = importlib.import_module("aiohttp")
    kind = importlib.import_module("zarr.storage").FsspecStore
    web = importlib.import_module("fsspec.implementations.http").HTTPFileSystem
    client = {}
    if settings.seconds is not None:
        client["timeout"] = aiohttp.ClientTimeout(total=settings.seconds)
    fs = web(asynchronous=True, skip_instance_cache=True, client_kwargs=client)
    yield ZarrHandle(kind(fs, path=server.url))
    await (await fs.set_session()).close()


@asynccontextmanager
async def _obstore_s3(server: S3Server, settings: Settings) -> AsyncIterator[Handle]:
    kind = importlib.import_module("obstore.store").S3Store
    options = {**_obstore_place(server), **_obstore_options(settings)}
    yield ObstoreHandle(kind(server.bucket, **options))


@asynccontextmanager
async def _obstore_http(server: HttpServer, settings: Settings) -> AsyncIterator[Handle]:
    kind = importlib.import_module("obstore.store").HTTPStore
    yield ObstoreHandle(kind.from_url(server.url, **_obstore_options(settings)))


def _tensorstore(spec: Callable[[Any], dict[str, Any]], retries: str) -> Open:
    @asynccontextmanager
    async def open_it(server: Any, settings: Settings) -> AsyncIterator[Handle]:
        kvstore = importlib.import_module("tensorstore").KvStore
        context: dict[str, Any] = {}
        if settings.seconds is not None:
            delay = f"{settings.seconds * 100:.0f}ms"
            context[retries] = {"max_retries": 4, "max_delay": delay}
        # The only way to give it any.
        keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "-"}
        with patch.dict(os.environ, keys):
            opened = await kvstore.open({**spec(server), "context": context})
            yield TensorStoreHandle(opened)

    return open_it


def _tensorstore_s3(server: S3Server) -> dict[str, Any]:
    return {
        "driver": "s3",
        "bucket": server.bucket,
        "endpoint": server.url,
        "aws_region": "us-east-1",
        "aws_credentials": {"type": "environment"},
    }


@dataclass(frozen=True, slots=True)
class _System:
    server: Literal["s3", "http"]
    open: Open


SYSTEMS: dict[str, _System] = {
    "zstore Fsspec(S3)": _System("s3", _ours(_fsspec_s3)),
    "zstore Object(S3)": _System("s3", _ours(_object_s3)),
    "zstore Fsspec(HTTP)": _System("http", _ours(_fsspec_http)),
    "zstore Object(HTTP)": _System("http", _ours(_object_http)),
    "zarr Fsspec(S3)": _System("s3", _zarr_s3),
    "obstore S3": _System("s3", _obstore_s3),
    "tensorstore S3": _System("s3", _tensorstore(_tensorstore_s3, "s3_request_retries")),
    "zarr Fsspec(HTTP)": _System("http", _zarr_http),
    "obstore HTTP": _System("http", _obstore_http),
    "tensorstore HTTP": _System(
        "http",
        _tensorstore(
            lambda server: {"driver": "http", "base_url": f"{server.url}/"},
            "http_request_retries",
        ),
    ),
}
"""All of them, by name."""

OURS = tuple(name for name in SYSTEMS if name.startswith("zstore"))


@contextmanager
def site_of(system: str) -> Iterator[Site]:
    """Start the server that a system speaks to, and stop it."""
    server = S3Server() if SYSTEMS[system].server == "s3" else HttpServer()
    try:
        server.fresh()
        yield Site(server)
    finally:
        server.stop()


def opened(
    system: str, site: Site, settings: Settings
) -> AbstractAsyncContextManager[Handle]:
    """Open a system on its server."""
    return SYSTEMS[system].open(site.server, settings)
