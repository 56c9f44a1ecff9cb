"""An S3 server: moto, behind a door that counts requests and can fail."""

import os
import select
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET
from typing import Any
from uuid import uuid4

import boto3
import botocore.session
import pytest
from botocore.loaders import create_loader
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.servers.damage import DAMAGES, STALL_SECONDS, Answer, Wire
from tests.servers.faults import Faults, Request
from tests.servers.tracing import untraced
from zstore import FsspecStore
from zstore._compat import override
from zstore.stores import tries

__all__ = ["SECRET", "S3Server", "s3_process", "s3_server"]

SECRET = "canary-5e4c1f"  # noqa: S105 -- looked for in every message
_KEY = "key"
_HANG_SECONDS = 3
_ERROR = "<Error><Code>{code}</Code><Message>as the test wants</Message></Error>"
_CODES = {403: "AccessDenied", 404: "NoSuchKey", 500: "InternalError", 503: "SlowDown"}


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    @override
    def log(self, *args: Any) -> None:
        pass

    @override
    def handle(self) -> None:
        untraced()
        # A fault may have taken the connection away.
        with suppress(OSError):
            super().handle()


@dataclass(slots=True)
class _Door:
    """A WSGI application in front of another, which counts and fails."""

    app: Callable[[dict[str, Any], Any], Iterable[bytes]]
    faults: Faults = field(default_factory=Faults)
    page: int = 0
    before: Answer | None = None

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        request = Request(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"].encode("latin-1").decode("utf-8"),
            environ["QUERY_STRING"],
            environ.get("HTTP_RANGE", ""),
        )
        fault = self.faults.meet(request)
        if fault == "unheard":
            _send(environ, Wire(b""))
        if self.page and "list-type=2" in request.query:
            environ["QUERY_STRING"] += f"&max-keys={self.page}"
        if fault in DAMAGES or fault in ("lost", "500-after", "again"):
            return self._damaged(environ, start, fault)
        if fault.isdigit():
            body = _ERROR.format(code=_CODES.get(int(fault), "Odd")).encode()
            if request.method == "HEAD":
                body = b""
            headers = [
                ("Content-Type", "application/xml"),
                ("Content-Length", str(len(body))),
            ]
            # What was sent must be read, or it is taken for the next request.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start(f"{fault} As The Test Wants", headers)
            return [body]
        if fault == "hang":
            time.sleep(_HANG_SECONDS)
        if fault == "whole":
            environ.pop("HTTP_RANGE", None)
        answer = self.app(environ, start)
        if fault == "short":
            # The length was announced by now; the server closes the connection.
            return [b"".join(answer)[:-1]]
        return answer

    def _damaged(self, environ: dict[str, Any], start: Any, fault: str) -> list[bytes]:
        """Do what was asked for, and spoil the answer."""
        begun: list[Any] = []
        body = b"".join(self.app(environ, lambda *args: begun.extend(args)))
        answer = Answer(int(begun[0].split()[0]), dict(begun[1]), body)
        if fault == "again":
            answer, self.before = self.before or answer, answer
        elif fault == "500-after":
            answer = Answer(500, {}, b"").with_body(b"")
        else:
            damage = DAMAGES["dropped" if fault == "lost" else fault]
            _send(environ, damage(answer))
        start(f"{answer.status} As It Is", list(answer.headers.items()))
        return [answer.body]


def _send(environ: dict[str, Any], wire: Wire) -> None:
    """Send bytes as they are; as a rule that was all, and the connection ends."""
    connection = environ["werkzeug.socket"]
    connection.sendall(wire.data)
    if wire.ending == "go on":
        return
    if wire.ending == "stall":
        # Readable: what the client still sends, or its going away.
        until = time.monotonic() + STALL_SECONDS
        while select.select([connection], [], [], 0.02)[0] == [] or connection.recv(2**16):
            if time.monotonic() > until:
                break
    if wire.ending == "reset":
        connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
    else:
        with suppress(OSError):
            connection.shutdown(SHUT_RDWR)
    raise ConnectionAbortedError


class S3Server:
    """A server for the session, and a bucket for each test.

    Attributes
    ----------
    url, bucket
        Where it is, and the bucket of this test.
    faults
        What it was asked, and how it fails.
    client
        A synchronous client of boto3, to put things in place; it is not counted if the
        counts are cleared after.
    """

    def __init__(self) -> None:
        # Moto's own way in lists a folder of 200 modules at each request, for the service.
        self._door = _Door(create_backend_app("s3"))
        self.faults = self._door.faults
        self._server = make_server(
            "127.0.0.1", 0, self._door, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.bucket = ""
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=_KEY,
            aws_secret_access_key=SECRET,
        )

    def fresh(self) -> None:
        """Make an empty bucket, with no faults and no counts."""
        self.faults.clear()
        self._door.page, self._door.before = 0, None
        self.bucket = f"bucket-{uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=self.bucket)
        self.faults.clear()

    def list_in_pages_of(self, nkeys: int) -> None:
        """Have listings come in pages of so many names; 0: as they are asked for."""
        self._door.page = nkeys

    def put(self, *keys: str, body: bytes = b"0123456789") -> None:
        """Put one value under each key; that is no request."""
        # Through the server it takes 10 ms a key.
        account = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        for key in keys:
            account.put_object(self.bucket, key, body)

    @property
    def keys(self) -> list[str]:
        """The names in the bucket, as the server has them."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    @property
    def fsspec_options(self) -> dict[str, Any]:
        """Storage options for s3fs, without repetitions."""
        return {
            "key": _KEY,
            "secret": SECRET,
            "endpoint_url": self.url,
            "client_kwargs": {"region_name": "us-east-1"},
            "config_kwargs": {"retries": {"total_max_attempts": 1}},
        }

    def fsspec_store(self, path: str = "", **arguments: Any) -> FsspecStore:
        """Return a store on the bucket, or on a prefix of it."""
        url = f"s3://{self.bucket}/{path}".rstrip("/")
        return FsspecStore.from_url(url, self.fsspec_options, **arguments)

    @property
    def obstore_options(self) -> dict[str, Any]:
        """Options for obstore's S3Store, without repetitions."""
        return {
            "endpoint": self.url,
            "access_key_id": _KEY,
            "secret_access_key": SECRET,
            "region": "us-east-1",
            "client_options": {"allow_http": True},
            "retry_config": {"max_retries": 0},
        }

    def stop(self) -> None:
        """Stop the server."""
        self.client.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def s3_process() -> Iterator[S3Server]:
    with pytest.MonkeyPatch.context() as patch:
        # Each client of s3fs would read a megabyte of JSON again, which describes S3.
        patch.setattr(botocore.session, "create_loader", cache(create_loader))
        server = S3Server()
        yield server
        server.stop()


@pytest.fixture
def s3_server(s3_process: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """An S3 server with an empty bucket; who asks it again does not wait before."""
    monkeypatch.setattr(tries, "_FIRST_PAUSE", 0)
    s3_process.fresh()
    return s3_process
