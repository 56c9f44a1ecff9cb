"""A web server with one value, which an anonymous client of S3 can read too."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from zstore._compat import override


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of its requests, and of values what S3 says."""

    @override
    def end_headers(self) -> None:
        """Send an ETag, which no answer of S3 is without."""
        self.send_header("ETag", '"0"')
        super().end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Leave the log empty."""


@pytest.fixture(scope="package")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; the value is at ``/bucket/root/a/b``."""
    folder = tmp_path_factory.mktemp("website")
    value = Path(folder, "bucket", "root", "a", "b")
    value.parent.mkdir(parents=True)
    value.write_bytes(b"value")
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
