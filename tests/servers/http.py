"""A web server for static values, with ranges, pages of links, counters and faults."""

import asyncio
import struct
import threading
import time
from collections.abc import Iterator
from socket import SO_LINGER, SOL_SOCKET
from urllib.parse import quote

import pytest
from aiohttp import web

from tests.servers.damage import DAMAGES, STALL_SECONDS, Answer, Wire
from tests.servers.faults import Faults, Request
from tests.servers.tracing import untraced
from zstore.stores import tries

__all__ = ["HttpServer", "http_process", "http_server"]

_HANG_SECONDS = 3
_DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


class HttpServer:
    """A server for the session, in a thread of its own; its values are in a dict.

    Attributes
    ----------
    url
        Where it is, without a final ``/``.
    values
        What it serves: key to bytes.
    pages
        Folders with a page of their own: a text as HTML, bytes as they are.
    faults
        What it was asked, and how it fails.
    lists, heads
        Whether folders have pages of links, and whether it answers HEAD.
    """

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.pages: dict[str, str | bytes] = {}
        self.faults = Faults()
        self.lists = True
        self.heads = True
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        untraced()
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    def fresh(self) -> None:
        """Empty it."""
        self.values.clear()
        self.pages.clear()
        self.faults.clear()
        self.lists = self.heads = True

    def stop(self) -> None:
        """Stop the server."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["path"]
        asked = Request(
            request.method,
            f"/{key}",
            request.query_string,
            request.headers.get("Range", ""),
        )
        fault = self.faults.meet(asked)
        if fault == "unheard":
            await _send(request, Wire(b""))
            return web.Response()
        if fault.isdigit():
            return web.Response(status=int(fault), text="as the test wants")
        if fault == "hang":
            await asyncio.sleep(_HANG_SECONDS)
        taken = ("GET", "HEAD") if self.heads else ("GET",)
        if request.method not in taken:
            return web.Response(status=405)
        if key in self.pages:
            page = self.pages[key]
            kind = "text/html" if isinstance(page, str) else "application/octet-stream"
            return web.Response(body=page, content_type=kind)
        value = self.values.get(key)
        if value is None:
            return self._folder(key)
        return await self._value(request, value, fault)

    def _folder(self, key: str) -> web.Response:
        """Answer with links to what lies in a folder, as web servers do."""
        prefix = f"{key.rstrip('/')}/" if key else ""
        below = [
            name.removeprefix(prefix) for name in self.values if name.startswith(prefix)
        ]
        if not self.lists or (not below and key):
            return web.Response(status=404)
        if key and not key.endswith("/"):
            return web.Response(status=301, headers={"Location": f"/{quote(key)}/"})
        names = dict.fromkeys(
            name if not more else f"{name}/"
            for name, more, _ in (rest.partition("/") for rest in below)
        )
        links = [f'<a href="{quote(name)}">{name}</a>' for name in ("../", *names)]
        page = f"<html><h1>Index of /{key}</h1><a href='?C=N;O=D'>Name</a>{links}</html>"
        return web.Response(text=page, content_type="text/html")

    async def _value(
        self, request: web.Request, value: bytes, fault: str
    ) -> web.StreamResponse:
        headers = {"Last-Modified": _DATE, "Accept-Ranges": "bytes"}
        status = 200
        wanted = request.headers.get("Range", "")
        if wanted and fault != "whole":
            part = _part(wanted, len(value))
            if part is None:
                headers["Content-Range"] = f"bytes */{len(value)}"
                return web.Response(status=416, headers=headers)
            first, last = part
            headers["Content-Range"] = f"bytes {first}-{last}/{len(value)}"
            value, status = value[first : last + 1], 206
        headers["Content-Length"] = str(len(value))
        if fault in DAMAGES:
            wire = DAMAGES[fault](Answer(status, headers, value))
            await _send(request, wire)
            if wire.ending != "go on":
                return web.Response()
        answer = web.StreamResponse(status=status, headers=headers)
        await answer.prepare(request)
        if request.method == "GET":
            await answer.write(value[:-1] if fault == "short" else value)
            if fault == "short" and request.transport is not None:
                request.transport.close()
        return answer


async def _send(request: web.Request, wire: Wire) -> None:
    """Send bytes as they are; what the server answers then goes nowhere, as a rule."""
    transport = request.transport
    if transport is None:
        return
    transport.write(wire.data)
    until = time.monotonic() + STALL_SECONDS
    while wire.ending == "stall" and not transport.is_closing():
        await asyncio.sleep(0.02)
        if time.monotonic() > until:
            break
    if wire.ending == "reset":
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
        transport.abort()
    elif wire.ending != "go on":
        transport.close()


def _part(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte; None if the range is not satisfiable."""
    start, _, end = header.removeprefix("bytes=").partition("-")
    if not start:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(start), min(int(end or size), size - 1)
    return (first, last) if first <= last else None


@pytest.fixture(scope="session")
def http_process() -> Iterator[HttpServer]:
    server = HttpServer()
    yield server
    server.stop()


@pytest.fixture
def http_server(http_process: HttpServer, monkeypatch: pytest.MonkeyPatch) -> HttpServer:
    """A web server without values; who asks it again does not wait before."""
    monkeypatch.setattr(tries, "_FIRST_PAUSE", 0)
    http_process.fresh()
    return http_process
