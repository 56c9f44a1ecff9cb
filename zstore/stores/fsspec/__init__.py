"""Values on any filesystem of fsspec: S3, HTTP, Google, Azure, SFTP, local and others.

==============  ==================================================================
`store`         `FsspecStore`
`listed`        ... the half of it that lists
`filesystem`    what of fsspec is used, and the wrapping of synchronous filesystems
`choosing`      which of the ways below is taken
`clients`       one client for each event loop
`remote`        what the store asks of a kind of filesystem ...
`generic`       ... of any, by fsspec's common methods
`s3`            ... of S3, by its own requests:
`s3_requests`   single ones, whose answers are whole or an error
`s3_writing`    those that write
`local`         ... of local files, by `LocalStore`
`http`          ... of a web server, by its own requests
`links`         the links of a page that lists a folder
==============  ==================================================================
"""

from zstore.stores.fsspec.store import FsspecStore

__all__ = ["FsspecStore"]
