"""A step of an encoding, and how people write it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Codec"]

# What of its configuration tells a codec from others of its name.
_TELLING: dict[str, tuple[str, ...]] = {
    "blosc": ("cname", "clevel", "shuffle"),
    "bytes": ("endian",),
    "bz2": ("level",),
    "cast_value": ("data_type",),
    "crc32c": (),
    "delta": ("dtype", "astype"),
    "fixedscaleoffset": ("offset", "scale", "dtype", "astype"),
    "gzip": ("level",),
    "lz4": ("acceleration",),
    "lzma": ("preset",),
    "quantize": ("digits", "dtype"),
    "shuffle": ("elementsize",),
    "transpose": ("order",),
    "vlen-utf8": (),
    "vlen-bytes": (),
    "xz": ("preset",),
    "zlib": ("level",),
    "zstd": ("level",),
}
# How numcodecs numbers the shuffles of blosc (c-blosc, blosc.h).
_SHUFFLES = {-1: "autoshuffle", 0: "noshuffle", 1: "shuffle", 2: "bitshuffle"}
_MAX_VALUE = 24
_MAX_VALUES = 6


@dataclass(frozen=True, slots=True)
class Codec:
    """One step of the encoding of a chunk.

    Attributes
    ----------
    name
        As the metadata names it; any text.
    configuration
        Its parameters, as they stand in the metadata.
    """

    name: str
    configuration: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def text(self) -> str:
        """The codec in a few words, with the parameters that tell most.

        Examples
        --------
        >>> Codec("zstd", {"level": 3, "checksum": False}).text
        'zstd(3)'
        >>> Codec("blosc", {"cname": "lz4", "clevel": 5, "shuffle": 1}).text
        'blosc(lz4, 5, shuffle)'
        >>> Codec("my.codec", {"strength": "high"}).text
        'my.codec(strength=high)'
        """
        telling = _TELLING.get(self.name.removeprefix("numcodecs."))
        if telling is None:
            scalars = [
                f"{_short(name)}={_short(value)}"
                for name, value in self.configuration.items()
                if isinstance(value, str | int | float)
            ]
            values = scalars[:_MAX_VALUES]
            values += ["…"] * (len(scalars) > _MAX_VALUES)
        else:
            values = [
                self._shown(name)
                for name in telling
                if self.configuration.get(name) is not None
            ]
        name = _short(self.name, 2 * _MAX_VALUE)
        return f"{name}({', '.join(values)})" if values else name

    def _shown(self, name: str) -> str:
        value = self.configuration[name]
        if name == "shuffle" and type(value) is int:
            return _SHUFFLES.get(value, str(value))
        # An order of axes is a list: the brackets of the codec are enough.
        return _short(str(value).strip("[]"))


def _short(value: object, limit: int = _MAX_VALUE) -> str:
    text = str(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
