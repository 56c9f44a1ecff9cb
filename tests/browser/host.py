"""A page that hosts one widget without Jupyter: the real bundle and the real Python.

A web server on the loopback interface gives out the bundle; a web socket carries messages
between the page and the widget, as a comm does. The page's policy forbids everything that
a strict host forbids: inline scripts and styles, `eval`, and requests to anywhere else.
"""

import asyncio
import base64
import json
import threading
from collections.abc import Sequence
from typing import Any

from aiohttp import WSMsgType, web

from tests.waiting import LONG
from zstore_widgets.view import View

__all__ = ["Host"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
PAGE = """<!doctype html>
<html lang="en" data-jp-theme-light="{light}"><head><meta charset="utf-8">
<title>zstore</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/widget.css"><link rel="stylesheet" href="/page.css">
</head><body><main><h1>Host</h1><div id="here"></div></main>
<script type="module" src="/host.js"></script></body></html>"""
PAGE_STYLE = """body { margin: 8px; background: #fff; color: #222; font: 13px system-ui }
[data-jp-theme-light=false] body { background: #111; color: #ddd; color-scheme: dark }
h1 { position: absolute; left: -9999px }
:root { --jp-layout-color1: #fff; --jp-layout-color2: #eee; --jp-border-color2: #ccc;
  --jp-ui-font-color1: rgba(0,0,0,.87); --jp-ui-font-color2: rgba(0,0,0,.62);
  --jp-brand-color1: #1976d2; --jp-ui-inverse-font-color1: #fff;
  --jp-error-color1: #b71c1c; --jp-warn-color1: #9a5b00; --jp-success-color1: #2e7d32 }
:root[data-jp-theme-light=false] { --jp-layout-color1: #111; --jp-layout-color2: #222;
  --jp-border-color2: #444; --jp-ui-font-color1: rgba(255,255,255,.87);
  --jp-ui-font-color2: rgba(255,255,255,.7); --jp-brand-color1: #2196f3;
  --jp-ui-inverse-font-color1: #000; --jp-error-color1: #f77066; --jp-warn-color1: #f5a742;
  --jp-success-color1: #66bb6a }"""
SCRIPT = """
import widget from "/widget.js";
class Model {
  constructor(state, socket) { this.state = state; this.socket = socket; this.heard = {}; }
  get(name) { return this.state[name]; }
  set(name, value) { this.state[name] = value; }
  save_changes() {}
  on(name, listener) { (this.heard[name] ??= new Set()).add(listener); }
  off(name, listener) { this.heard[name]?.delete(listener); }
  emit(name, ...values) {
    for (const each of [...(this.heard[name] ?? [])]) each(...values);
  }
  send(content) { this.socket.send(JSON.stringify(content)); }
}
const socket = new WebSocket(`ws://${location.host}/socket`);
let model;
socket.onmessage = async ({ data }) => {
  const { state, change, content, buffers } = JSON.parse(data);
  if (state) {
    window.model = model = new Model(state, socket);
    const el = document.getElementById("here");
    window.unmount = await widget.render({ model, el });
    document.body.dataset.shown = "true";
  } else if (change) {
    model.state[change.name] = change.value;
    model.emit(`change:${change.name}`);
  } else {
    const views = buffers.map((text) =>
      new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer));
    model.emit("msg:custom", content, views);
  }
};
"""


class Host:
    """A server in a thread of its own that shows one widget at a time.

    Attributes
    ----------
    url
        Where its page is.
    largest
        Bytes of the largest message that the widget sent.
    """

    def __init__(self) -> None:
        self.largest = 0
        self._widget: View | None = None
        self._socket: web.WebSocketResponse | None = None
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()

    def show(self, widget: View) -> None:
        """Give the next visitor this widget."""
        self._widget = widget
        self.largest = 0
        assert widget._channel is not None
        widget._channel._send = self._post
        widget.observe(self._post_change, names=_traits_of(widget))

    def close(self) -> None:
        """Stop the server and its thread."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(LONG)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG)

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/socket", self._talk)
        app.router.add_get("/{name}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        self._loop.run_until_complete(self._runner.setup())
        self._loop.run_until_complete(web.TCPSite(self._runner, "127.0.0.1", 0).start())
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        ready.set()
        self._loop.run_forever()
        self._loop.close()

    async def _page(self, request: web.Request) -> web.Response:
        page = PAGE.format(light="false" if "dark" in request.query else "true")
        headers = {"Content-Security-Policy": POLICY}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        own = {"page.css": PAGE_STYLE, "host.js": SCRIPT}
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        if name in own:
            return web.Response(text=own[name], content_type=kind)
        bundle = {"widget.js": "_esm", "widget.css": "_css"}
        if name not in bundle:
            raise web.HTTPNotFound
        return web.Response(text=getattr(self._widget, bundle[name]), content_type=kind)

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        # Long messages would be compressed in a thread, and overtaken by short ones.
        self._socket = socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        widget = self._widget
        assert widget is not None
        state = {name: getattr(widget, name) for name in _traits_of(widget)}
        await socket.send_json({"state": state})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                widget._handle_custom_msg(json.loads(message.data), [])
        return socket

    def _post(self, content: dict[str, object], buffers: Sequence[Any]) -> None:
        sizes = [memoryview(buffer).nbytes for buffer in buffers]
        self.largest = max(self.largest, len(json.dumps(content)) + sum(sizes))
        texts = [base64.b64encode(buffer).decode() for buffer in buffers]
        self._push({"content": content, "buffers": texts})

    def _post_change(self, change: Any) -> None:
        self._push({"change": {"name": change["name"], "value": change["new"]}})

    def _push(self, message: dict[str, object]) -> None:
        socket = self._socket
        if socket is not None and not socket.closed:
            text = json.dumps(message)
            asyncio.run_coroutine_threadsafe(socket.send_str(text), self._loop)


def _traits_of(widget: View) -> list[str]:
    """Return the traits of our own views, without those of every widget."""
    base = set(View.__mro__[1].class_trait_names())
    return [name for name in widget.keys if name not in base]
