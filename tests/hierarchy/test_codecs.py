import pytest

from zstore.hierarchy import Codec


@pytest.mark.parametrize(
    ("name", "configuration", "text"),
    [
        ("bytes", {"endian": "little"}, "bytes(little)"),
        ("bytes", {}, "bytes"),
        ("crc32c", {}, "crc32c"),
        ("transpose", {"order": [2, 0, 1]}, "transpose(2, 0, 1)"),
        ("gzip", {"level": 5}, "gzip(5)"),
        ("numcodecs.zlib", {"level": 1}, "numcodecs.zlib(1)"),
        (
            "blosc",
            {"cname": "zstd", "clevel": 1, "shuffle": -1},
            "blosc(zstd, 1, autoshuffle)",
        ),
        ("blosc", {"cname": "zstd", "clevel": 1, "shuffle": 9}, "blosc(zstd, 1, 9)"),
        ("lzma", {"preset": None}, "lzma"),
        ("new", {"a": "x" * 99, "b": [1]}, f"new(a={'x' * 23}…)"),
        ("new", {str(n): n for n in range(9)}, "new(0=0, 1=1, 2=2, 3=3, 4=4, 5=5, …)"),
        ("n" * 99, {}, "n" * 47 + "…"),
        ("zstd", {"level": {"a": [1]}}, "zstd({'a': [1]})"),
    ],
)
def test_a_codec_is_told_in_a_few_words(
    name: str, configuration: dict[str, object], text: str
):
    assert Codec(name, configuration).text == text
