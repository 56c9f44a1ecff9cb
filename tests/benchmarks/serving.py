"""A web server in a process of its own, as plain as can be: what it costs is small.

It keeps what is put there under its path, so a client of S3 that names the bucket in the
path can use it as well as one of HTTP.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from tests.records import ROOT

__all__ = ["serving"]

_MAX_NBYTES = 1 << 30


async def _answer(request: web.Request, values: dict[str, bytes]) -> web.Response:
    if request.method == "PUT":
        values[request.path] = await request.read()
        return web.Response(headers={"ETag": '"0"'})
    value = values.get(request.path)
    if value is None:
        return web.Response(status=404)
    headers = {
        "ETag": '"0"',
        "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        "Accept-Ranges": "bytes",
    }
    part = request.http_range
    if part.start is None:
        return web.Response(body=value, headers=headers)
    start, stop, _ = part.indices(len(value))
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(value)}"
    return web.Response(status=206, body=value[start:stop], headers=headers)


async def _serve() -> None:
    values: dict[str, bytes] = {}

    async def answer(request: web.Request) -> web.Response:
        return await _answer(request, values)

    app = web.Application(client_max_size=_MAX_NBYTES)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    # It ends with the process that started it.
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def serving() -> Iterator[str]:
    """Run the server; give its address."""
    command = [sys.executable, "-m", "tests.benchmarks.serving"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
