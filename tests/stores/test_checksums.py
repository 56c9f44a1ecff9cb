"""Whether a value is what its checksum says."""

import hashlib

import pytest

from zstore.errors import CorruptStoreError
from zstore.stores.checksums import check_md5, md5_of

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("etag", "encryption", "expected"),
    [
        (f'"{MD5}"', None, MD5),
        (MD5, "AES256", MD5),
        (f'"{MD5}"', "aws:kms", None),
        (f'"{MD5}-2"', None, None),
        ('W/"1"', None, None),
        (None, None, None),
    ],
)
def test_an_etag_may_be_a_checksum(
    etag: str | None, encryption: str | None, expected: str | None
):
    assert md5_of(etag, encryption) == expected


@pytest.mark.parametrize("nbytes", [0, 100, 2**17])
async def test_other_bytes_are_an_error(nbytes: int):
    data = bytes(nbytes)
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    await check_md5("k", data, md5)
    await check_md5("k", data, None)
    with pytest.raises(CorruptStoreError, match="'k' came damaged"):
        await check_md5("k", data + b"?", md5)
