"""The servers that some stores stand on."""

from tests.servers import s3_process, s3_server

__all__ = ["s3_process", "s3_server"]
