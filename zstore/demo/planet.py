"""Land and sea, on a grid of two degrees."""

import numpy as np
import numpy.typing as npt

__all__ = ["LATITUDES", "LONGITUDES", "Field", "height", "land"]

Field = npt.NDArray[np.float64]
"""An array of numbers."""

# From north to south, so that the picture of an array has the north at its top.
LATITUDES: Field = np.arange(89.0, -90.0, -2.0)
LONGITUDES: Field = np.arange(-179.0, 180.0, 2.0)

# Longitude and latitude of coasts, as coarse as the grid.
_COASTS = {
    "Africa": "-17,15 -16,21 -10,29 -6,35 10,37 11,33 20,31 32,31 35,28 43,12 51,12 40,-3"
    " 40,-15 35,-24 28,-33 18,-34 12,-18 9,-1 9,4 -8,4 -13,9",
    "Eurasia": "-9,37 -9,43 -2,44 -2,48 3,51 8,54 9,57 12,55 20,55 23,58 28,60 22,63 24,66"
    " 18,62 17,57 12,56 10,59 5,59 5,62 14,68 26,71 40,67 45,68 68,69 73,73 105,78 113,74"
    " 140,73 160,70 180,69 180,65 170,60 163,58 157,51 156,57 160,62 142,59 140,54 140,48"
    " 130,43 128,35 126,38 121,40 119,37 122,31 114,22 108,21 109,12 104,9 100,14 101,7"
    " 104,1 98,9 97,17 91,22 87,21 80,15 80,12 77,8 73,17 72,21 67,25 57,26 50,30 48,30"
    " 52,24 56,25 59,22 52,16 44,13 39,21 35,28 34,31 36,36 27,37 26,40 41,42 38,47 31,46"
    " 28,42 24,38 22,37 19,42 13,46 18,40 16,38 12,42 8,44 3,42 -2,37",
    "North America": "-168,66 -156,71 -125,70 -95,72 -82,68 -94,60 -82,55 -79,52 -78,62"
    " -65,59 -56,52 -66,49 -65,44 -70,42 -75,36 -81,31 -80,25 -83,30 -97,28 -97,20 -91,19"
    " -88,21 -87,16 -83,10 -77,8 -80,7 -95,16 -105,20 -113,31 -110,23 -117,33 -124,40"
    " -124,48 -135,58 -150,60 -160,55 -158,59",
    "South America": "-77,8 -72,12 -60,9 -50,0 -35,-6 -39,-15 -48,-26 -58,-36 -65,-42"
    " -68,-54 -74,-50 -73,-38 -70,-18 -81,-5 -80,2",
    "Greenland": "-45,60 -54,68 -70,77 -60,82 -30,83 -20,75 -25,70 -40,65",
    "Australia": "114,-22 115,-34 124,-33 132,-32 138,-35 147,-39 153,-30 146,-19 142,-11"
    " 140,-17 136,-12 130,-13 122,-18",
    "Antarctica": "-180,-79 -150,-77 -100,-73 -75,-73 -60,-64 -58,-74 -30,-78 -10,-71"
    " 50,-67 110,-66 150,-69 165,-72 170,-79 180,-79 180,-90 -180,-90",
    "Baffin Island": "-88,73 -75,73 -62,66 -66,62 -74,65",
    "Ellesmere Island": "-95,76 -78,76 -62,82 -75,84 -92,81",
    "Borneo": "109,1 117,7 119,5 116,-4 110,-3",
    "Sumatra": "95,6 104,-1 106,-6 102,-4",
    "New Guinea": "131,-1 141,-2 151,-10 138,-8",
    "Japan": "130,31 141,36 145,44 141,45 139,39 131,35",
    "Great Britain": "-6,50 1,51 0,54 -2,58 -6,58 -3,54",
    "Iceland": "-24,65 -18,63 -13,65 -18,67",
    "Madagascar": "44,-25 43,-17 49,-12 50,-16 47,-25",
    "New Zealand": "167,-46 173,-40 173,-35 178,-38 171,-45",
}
# Longitude, latitude, width in degrees, height in metres.
_MOUNTAINS = (
    (88, 33, 11, 4800), (-70, -18, 6, 3600), (-72, -38, 5, 1800), (-110, 41, 9, 2200),
    (-41, 73, 10, 2700), (90, -84, 24, 3200), (38, 9, 6, 2200), (45, 34, 6, 1500),
)  # fmt: skip


def land() -> npt.NDArray[np.bool_]:
    """Return where there is land: shape (latitude, longitude)."""
    longitude, latitude = np.meshgrid(LONGITUDES, LATITUDES)
    found = np.zeros(longitude.shape, dtype=bool)
    for coast in _COASTS.values():
        points = [tuple(map(float, point.split(","))) for point in coast.split()]
        found |= _inside(longitude, latitude, points)
    return found


def _inside(x: Field, y: Field, points: list[tuple[float, ...]]) -> npt.NDArray[np.bool_]:
    """Return which of the places lie in a polygon: a ray to the east leaves it once."""
    inside = np.zeros(x.shape, dtype=bool)
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            inside ^= crosses & (x < x0 + (x1 - x0) * (y - y0) / (y1 - y0))
    return inside


def height() -> Field:
    """Return the height of the land in metres, 0 at sea: shape (latitude, longitude)."""
    longitude, latitude = np.meshgrid(LONGITUDES, LATITUDES)
    total = np.full(longitude.shape, 120.0)
    for x, y, width, metres in _MOUNTAINS:
        stretch = np.cos(np.radians(y))
        distance = ((longitude - x) * stretch) ** 2 + (latitude - y) ** 2
        total += metres * np.exp(-distance / (2 * width**2))
    return np.where(land(), total, 0.0)
