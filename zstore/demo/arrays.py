"""The groups and arrays of the demo store, and how each of them is stored."""

import importlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from zstore.demo.climate import STEPS, Climate
from zstore.demo.planet import LATITUDES, LONGITUDES, Field
from zstore.demo.texts import HISTORY, STATIONS, SUMMARY
from zstore.store import Store
from zstore.wrappers.prefix import PrefixStore

__all__ = ["GZIPPED", "write_arrays"]

GZIPPED: Final = "atmosphere/wind_eastward/c/"
"""Below it lies what is a gzip file each."""

# The run is not finished: of the atmosphere the last steps are still to come.
_STEPS_DONE: Final = 20
_FIELD: Final = ("time", "latitude", "longitude")


def write_arrays(zarr: Any, lend: Callable[[Store], Any], store: Store) -> Climate:
    """Write all groups and arrays.

    Parameters
    ----------
    zarr
        The package.
    lend
        Makes a store of zarr of one of ours.
    store
        Where to write.

    Returns
    -------
    Climate
        What was written.

    Notes
    -----
    Waits for zarr; call it in a worker thread.
    """
    attributes = {
        "title": "A small climate model run",
        "Conventions": "CF-1.10",
        "institution": "made up by zstore.demo",
        "summary": SUMMARY,
        "history": HISTORY,
    }
    climate = Climate()
    root = zarr.create_group(lend(store), attributes=attributes)
    codecs = zarr.codecs
    _atmosphere(root.create_group("atmosphere"), codecs, climate)
    _ocean(root.create_group("ocean"), codecs, climate)
    _statistics(root.create_group("statistics"), codecs, climate)
    _ensemble(root.create_group("ensemble"), climate)
    # A store of its own: zarr would make the root a group of Zarr v2 as well.
    inner = lend(PrefixStore(store, "observations"))
    source = {"source": "stations, and a satellite that was not always there"}
    observations = zarr.create_group(inner, zarr_format=2, attributes=source)
    _observations(observations, climate)
    zarr.consolidate_metadata(inner, zarr_format=2)
    return climate


def _write(group: Any, name: str, values: Any, units: str = "1", **settings: Any) -> None:
    """Write an array whose chunks of nothing but fill values are left out."""
    attributes = {"units": units, **settings.pop("attributes", {})}
    array = group.create_array(
        name,
        shape=np.shape(values),
        dtype=settings.pop("dtype", np.asarray(values).dtype),
        attributes=attributes,
        **settings,
    )
    array[...] = values


def _coordinates(group: Any) -> None:
    days = (np.arange(STEPS) * 365 / STEPS).astype("timedelta64[D]")
    time = np.datetime64("1850-01-01", "D") + days
    since = {"attributes": {"axis": "T", "calendar": "proleptic_gregorian"}}
    _write(group, "time", time, "days", dimension_names=["time"], **since)
    for name, values, units in [
        ("latitude", LATITUDES, "degrees_north"),
        ("longitude", LONGITUDES, "degrees_east"),
    ]:
        _write(group, name, values.astype("f4"), units, dimension_names=[name])


def _atmosphere(group: Any, codecs: Any, climate: Climate) -> None:
    group.attrs["levels"] = "surface"
    _coordinates(group)
    done = np.arange(STEPS)[:, None, None] < _STEPS_DONE
    names = {"dimension_names": _FIELD, "fill_value": np.nan}
    blosc = codecs.BloscCodec(cname="zstd", clevel=5, shuffle="bitshuffle")
    _write(
        group,
        "temperature",
        np.where(done, climate.temperature, np.nan).round(1).astype("f4"),
        "degC",
        chunks=(4, 45, 45),
        compressors=blosc,
        attributes={"standard_name": "air_temperature", "long_name": "Air temperature"},
        **names,
    )
    _write(
        group,
        "pressure",
        np.where(done, climate.pressure, np.nan).round(1).astype("f4"),
        "hPa",
        shards=(4, 90, 90),
        chunks=(2, 30, 30),
        compressors=codecs.ZstdCodec(level=5),
        attributes={"standard_name": "air_pressure_at_mean_sea_level"},
        **names,
    )
    _wind_and_rain(group, codecs, climate, done)


def _wind_and_rain(group: Any, codecs: Any, climate: Climate, done: Any) -> None:
    packed = np.where(done, (climate.wind * 100).round(), -32768).astype("i2")
    _write(
        group,
        "wind_eastward",
        packed,
        "m s-1",
        chunks=(1, 90, 180),
        compressors=codecs.GzipCodec(level=6),
        dimension_names=_FIELD,
        fill_value=-32768,
        attributes={"scale_factor": 0.01, "standard_name": "eastward_wind"},
    )
    _write(
        group,
        "rain",
        np.where(done, climate.rain, 0).round(1).astype("f4"),
        "mm day-1",
        chunks=(6, 15, 30),
        dimension_names=_FIELD,
        attributes={"long_name": "Rain; chunks where none fell are not stored"},
    )


def _ocean(group: Any, codecs: Any, climate: Climate) -> None:
    group.attrs["levels"] = "six depths"
    _coordinates(group)
    depths = np.array([0, 50, 150, 400, 1000, 2000], dtype="i2")
    _write(group, "depth", depths, "m", dimension_names=["depth"])
    _write(
        group,
        "temperature",
        climate.sea_temperature[::2].round(1).astype("f4"),
        "degC",
        chunks=(6, 6, 10, 10),
        fill_value=np.nan,
        compressors=codecs.ZstdCodec(level=9),
        dimension_names=["time", "depth", *_FIELD[1:]],
        attributes={"standard_name": "sea_water_temperature"},
    )
    _ice_and_land(group, climate)


def _ice_and_land(group: Any, climate: Climate) -> None:
    _write(
        group,
        "ice",
        climate.ice.round().astype("u1"),
        "percent",
        chunks=(8, 15, 60),
        compressors=None,
        dimension_names=_FIELD,
        attributes={"long_name": "Part of the sea that is covered; not compressed"},
    )
    _write(
        group,
        "land",
        climate.land,
        chunks=(90, 180),
        dimension_names=_FIELD[1:],
        chunk_key_encoding={"name": "default", "separator": "."},
    )


def _statistics(group: Any, codecs: Any, climate: Climate) -> None:
    weights = np.cos(np.radians(LATITUDES))
    zonal = climate.temperature.mean(axis=2)
    series = np.average(zonal, axis=1, weights=weights)
    _write(group, "global_temperature", series, "degC", dimension_names=["time"])
    turned = {"filters": [codecs.TransposeCodec(order=(1, 0))]}
    names = ["latitude", "time"]
    _write(group, "zonal_temperature", zonal.T, "degC", dimension_names=names, **turned)
    bins: Field = np.linspace(-60, 50, 56)
    counts = [np.histogram(step, bins)[0] for step in climate.temperature]
    names = ["time", "bin"]
    _write(group, "histogram", np.array(counts, dtype="u4"), dimension_names=names)
    waves = np.fft.rfft2(climate.temperature.mean(axis=0))[:24, :24].astype("c8")
    _write(group, "spectrum", waves, "K", dimension_names=["along", "across"])
    _write(group, "co2", np.float64(284.3), "ppm", attributes={"year": 1850})
    lines = np.array(HISTORY.split("\n"), dtype=object)
    _write(group, "log", lines, dtype="string", chunks=(2,), dimension_names=["line"])


def _ensemble(group: Any, climate: Climate) -> None:
    group.attrs["members"] = 4
    mean = climate.temperature.mean(axis=0)
    for number in range(1, 5):
        member = group.create_group(f"member_{number:02}", attributes={"seed": number})
        shift = 0.4 * np.roll(mean, 11 * number, axis=1)
        for name, values in [("mean", mean + shift), ("trend", shift / 10)]:
            settings = {"chunks": (45, 60), "dimension_names": _FIELD[1:]}
            _write(member, name, values.astype("f2"), "degC", **settings)


def _observations(group: Any, climate: Climate) -> None:
    numcodecs: Any = importlib.import_module("numcodecs")
    stations = group.create_group("stations", attributes={"count": len(STATIONS)})
    texts = np.array([name for name, *_ in STATIONS])
    _write(stations, "name", texts, compressors=None, **_v2_names("station"))
    layout = [("latitude", "<f4"), ("longitude", "<f4"), ("height", "<i4")]
    places = np.array([tuple(rest) for _, *rest in STATIONS], dtype=layout)
    _write(stations, "place", places, **_v2_names("station"))
    rows = [int((89 - latitude) / 2) for _, latitude, _, _ in STATIONS]
    columns = [int((longitude + 179) / 2) for _, _, longitude, _ in STATIONS]
    series = climate.temperature[:, rows, columns].T.round(2)
    _write(
        stations,
        "temperature",
        series,
        "degC",
        chunks=(5, 12),
        order="F",
        filters=[
            numcodecs.FixedScaleOffset(offset=0, scale=100, dtype="<f8", astype="<i2")
        ],
        compressors=numcodecs.Blosc("lz4", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE),
        **_v2_names("station", "time"),
    )
    _satellite(group, numcodecs.Zlib(level=6), climate)


def _satellite(group: Any, zlib: Any, climate: Climate) -> None:
    seen = (climate.temperature[::4] * 10).round().astype(">i2")
    unseen = (LONGITUDES[None, None, :] // 60 + np.arange(6)[:, None, None]) % 3 == 0
    _write(
        group,
        "satellite",
        np.where(unseen, np.array(-9999, ">i2"), seen),
        "0.1 degC",
        chunks=(1, 30, 30),
        fill_value=-9999,
        compressors=zlib,
        chunk_key_encoding={"name": "v2", "separator": "/"},
        **_v2_names(*_FIELD),
    )


def _v2_names(*names: str) -> dict[str, Any]:
    """Return names of axes as xarray writes them in Zarr v2."""
    return {"attributes": {"_ARRAY_DIMENSIONS": list(names)}}
