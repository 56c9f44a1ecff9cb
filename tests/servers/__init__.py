"""Real servers on this machine: S3 (moto) and HTTP (aiohttp), that count and can fail.

`tests/stores/conftest.py` makes them fixtures for the tests below it; elsewhere, import
the four names of the fixtures into a `conftest.py`. Each is one server for the session; a
test gets it empty, with no faults and no counts.
"""

from tests.servers.faults import Fault, Faults, Request
from tests.servers.http import HttpServer, http_process, http_server
from tests.servers.s3 import SECRET, S3Server, s3_process, s3_server

__all__ = [
    "SECRET",
    "Fault",
    "Faults",
    "HttpServer",
    "Request",
    "S3Server",
    "http_process",
    "http_server",
    "s3_process",
    "s3_server",
]
