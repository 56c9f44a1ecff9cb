"""The servers, for the tests of the stores on them."""

from tests.servers import http_process, http_server, s3_process, s3_server

__all__ = ["http_process", "http_server", "s3_process", "s3_server"]
