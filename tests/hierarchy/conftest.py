"""A real web server, for what reading metadata costs."""

from tests.servers import http_process, http_server

__all__ = ["http_process", "http_server"]
