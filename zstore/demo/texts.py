"""The words of the demo: what a real run would have in its attributes and files."""

__all__ = ["HISTORY", "README", "STATIONS", "SUMMARY", "Station", "table_of"]

Station = tuple[str, float, float, int]
"""Name, latitude, longitude, height in metres."""

STATIONS: list[Station] = [
    ("Reykjavík", 64.1, -21.9, 61),
    ("Zürich", 47.4, 8.6, 556),
    ("Nairobi", -1.3, 36.8, 1795),
    ("São Paulo", -23.5, -46.6, 792),
    ("Kraków", 50.1, 19.8, 237),
    ("Ürümqi", 43.8, 87.6, 935),
    ("東京", 35.7, 139.8, 25),
    ("Đà Nẵng", 16.0, 108.2, 7),
    ("Vostok", -78.5, 106.9, 3420),
    ("Ny-Ålesund", 78.9, 11.9, 8),
]

SUMMARY = (
    "Two time steps a month of one year on a grid of two degrees. The atmosphere has been "
    "computed up to October; the chunks of the last steps are not there yet. The ocean "
    "has no values on land, and chunks that lie on land alone were never written. None of "
    "this was measured: the fields are sums of smooth functions and seeded waves, made to "
    "look like a climate and to compress like one."
)

HISTORY = (
    "spin-up of 200 years at 280 ppm CO2\n"
    "year 1850 started from the end of the spin-up\n"
    "temperature, pressure, wind and rain written for each half month\n"
    "ocean written at six depths, 0 to 2000 m\n"
    "statistics computed from all time steps"
)

README = """\
# A small climate model run

This store was written by `zstore.demo`, to try things on. Nothing in it was measured.

| Where | What |
|---|---|
| `atmosphere/` | air on a grid of two degrees; the last four time steps are not there |
| `ocean/` | water at six depths, and ice; chunks on land alone are not there |
| `statistics/` | series, means, one number, one text |
| `ensemble/` | four members, each with a mean and a trend |
| `observations/` | Zarr v2, consolidated: stations, and a satellite with gaps |
| `pictures/`, `tables/` | files that are no arrays |

```python
import zarr, zstore
from zstore.demo import demo_store

store = zstore.sync.run(demo_store())
run = zarr.open_group(zstore.as_zarr(store), mode="r")
run["atmosphere/temperature"][13]
```
"""


def table_of(stations: list[Station]) -> str:
    """Return the stations as a table of comma-separated values."""
    lines = ["name,latitude,longitude,height_m"]
    lines += [",".join(map(str, station)) for station in stations]
    return "\n".join(lines) + "\n"
