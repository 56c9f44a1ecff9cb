"""Systems that are given secrets in every way there is, and what they say then."""

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import zstore
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.peers import ObstoreHandle, ZarrHandle
from tests.reliability.remote.sites import Site, site_of
from tests.reliability.secrets.texts import CANARY, Texts, listening

__all__ = ["SYSTEMS", "leaks"]

_SECONDS = 1.0
_HEADERS = {"X-Api-Key": CANARY}
# A pickle has to open the same store elsewhere; what others log is theirs.
_NO_BAR = ("pickles", "log of others")


def _web_url(site: Site) -> str:
    host = site.server.url.removeprefix("http://")
    return f"http://me:{CANARY}@{host}/?token={CANARY}"


def _s3(site: Site) -> dict[str, Any]:
    return {
        "key": "key",
        "secret": CANARY,
        "token": CANARY,
        "endpoint_url": site.server.url,
        "client_kwargs": {"region_name": "us-east-1"},
    }


def _bucket(site: Site) -> dict[str, Any]:
    return {
        "endpoint": site.server.url,
        "access_key_id": "key",
        "secret_access_key": CANARY,
        "session_token": CANARY,
        "region": "us-east-1",
        "client_options": {"allow_http": True, "default_headers": _HEADERS},
    }


def _name(site: Site) -> str:
    return str(getattr(site.server, "bucket", ""))


def _ours(make: Callable[[Site], zstore.Store]) -> Any:
    @asynccontextmanager
    async def opened(site: Site) -> AsyncIterator[Handle]:
        async with make(site) as store:
            yield ZStoreHandle(store)

    return opened


@asynccontextmanager
async def _zarr(site: Site) -> AsyncIterator[Handle]:
    kind = importlib.import_module("zarr.storage").FsspecStore
    if _name(site):
        fs = importlib.import_module("s3fs").S3FileSystem(
            **_s3(site),
            config_kwargs={"retries": {"total_max_attempts": 1}},
            asynchronous=True,
            skip_instance_cache=True,
        )
        store = kind(fs, path=_name(site))
    else:
        web = importlib.import_module("fsspec.implementations.http").HTTPFileSystem
        fs = web(asynchronous=True, headers=_HEADERS, skip_instance_cache=True)
        store = kind(fs, path=_web_url(site))
    yield ZarrHandle(store)
    await (await fs.set_session()).close()


@asynccontextmanager
async def _obstore(site: Site) -> AsyncIterator[Handle]:
    module = importlib.import_module("obstore.store")
    few = {"retry_config": {"max_retries": 1}}
    if _name(site):
        yield ObstoreHandle(module.S3Store(_name(site), **_bucket(site), **few))
    else:
        options = {"allow_http": True, "default_headers": _HEADERS}
        yield ObstoreHandle(
            module.HTTPStore.from_url(_web_url(site), client_options=options, **few)
        )


_Open = Callable[[Site], AbstractAsyncContextManager[Handle]]

SYSTEMS: dict[str, _Open] = {
    "zstore Fsspec(S3)": _ours(
        lambda site: zstore.FsspecStore.from_url(
            f"s3://{_name(site)}", _s3(site), timeout=_SECONDS
        )
    ),
    "zstore Object(S3)": _ours(
        lambda site: zstore.ObjectStore.from_url(
            f"s3://{_name(site)}", **_bucket(site), timeout=_SECONDS
        )
    ),
    "zstore Fsspec(HTTP)": _ours(
        lambda site: zstore.FsspecStore.from_url(
            _web_url(site), {"headers": _HEADERS}, timeout=_SECONDS
        )
    ),
    "zstore Object(HTTP)": _ours(
        lambda site: zstore.ObjectStore.from_url(
            _web_url(site),
            client_options={"default_headers": _HEADERS},
            timeout=_SECONDS,
        )
    ),
    "zarr Fsspec(S3)": _zarr,
    "obstore S3": _obstore,
    "zarr Fsspec(HTTP)": _zarr,
    "obstore HTTP": _obstore,
}
"""How each is opened with secrets, by the names of `tests.reliability.remote`."""


async def _listen(system: str, site: Site, place: Path, texts: Texts) -> None:
    async with SYSTEMS[system](site) as handle:
        store: Any = getattr(handle, "store", None)
        texts.add("repr", repr(store))
        texts.add("str", str(store))
        await texts.of_calls(handle, site.faults)
        if isinstance(handle, ZStoreHandle):
            await texts.of_a_store(handle.store, place)
            url = f"s3://{_name(site)}" if _name(site) else _web_url(site)
            await texts.of_the_command(url)
            site.faults.fail(403)
            await texts.of_the_command(url)


def leaks(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Secrets in options, URLs, headers and the environment, and all that is said."""
    del effort
    texts = Texts()
    secrets = dict.fromkeys(("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), CANARY)
    with site_of(system) as site, listening(texts):
        site.put("k", b"0123456789")
        url = {"AWS_ENDPOINT_URL": site.server.url, "AWS_ACCESS_KEY_ID": "key"}
        with patch.dict(os.environ, {**secrets, **url}):
            asyncio.run(_listen(system, site, place, texts))
    shown = [name for name in texts.leaks if name not in _NO_BAR]
    yield Figure.counted(
        promise="P5",
        system=system,
        what="channels that show a secret",
        bad=shown,
        of=len([name for name in texts.said if name not in _NO_BAR]),
        bar=0,
    )
    yield Figure(
        promise="P5",
        system=system,
        what="of those that zstore does not promise",
        value=len(texts.leaks) - len(shown),
        of=len([name for name in texts.said if name in _NO_BAR]),
        note=", ".join(name for name in texts.leaks if name in _NO_BAR),
    )
