"""A year of weather that looks plausible: smooth, seeded, and with seasons."""

import numpy as np

from zstore.demo.planet import LATITUDES, LONGITUDES, Field, height, land

__all__ = ["STEPS", "Climate"]

STEPS = 24
"""Time steps of the year: two a month."""

_DEPTHS = 6


class Climate:
    """The fields of the run, each of shape (time, latitude, longitude) unless it says so.

    Attributes
    ----------
    land, height
        Shape (latitude, longitude).
    temperature
        Of the air, in degrees Celsius.
    pressure
        At sea level, in hectopascals.
    wind
        Eastward, in metres a second.
    rain
        In millimetres a day; exactly 0 where it does not rain.
    sea_temperature
        Shape (time, depth, latitude, longitude), in degrees Celsius; NaN on land.
    ice
        Part of the sea that is covered, in percent.
    """

    def __init__(self) -> None:
        self._random = np.random.default_rng(1850)
        self.land = land()
        self.height = height()
        self._year = np.arange(STEPS)[:, None, None] / STEPS
        self._y = LATITUDES[None, :, None]
        self._x = LONGITUDES[None, None, :]
        self.temperature = self._temperature()
        self.pressure = self._pressure()
        self.wind = self._wind()
        self.rain = self._rain()
        self.sea_temperature = self._sea_temperature()
        ice = np.clip(-7 * (self.temperature + 2), 0, 100)
        self.ice = np.where(self.land, 0, ice)

    def _weather(self, strength: float) -> Field:
        """Return noise of planetary waves that travel around the globe."""
        noise = np.zeros((STEPS, len(LATITUDES), len(LONGITUDES)))
        x, y = np.radians(self._x), np.radians(self._y)
        for _ in range(14):
            across = int(self._random.integers(1, 8))
            along = float(self._random.uniform(1, 6))
            turns = int(self._random.integers(-5, 6))
            phase, shift = self._random.uniform(0, 2 * np.pi, 2)
            moved = across * x + 2 * np.pi * turns * self._year + phase
            noise += np.cos(moved) * np.cos(along * y + shift) / (1 + across / 3)
        weather: Field = strength * noise * np.cos(y)
        return weather

    def _temperature(self) -> Field:
        # The sun is highest over 23 degrees north in June; the air follows a month later.
        season = -np.cos(2 * np.pi * (self._year - 1 / 12))
        sun = np.abs(self._y - 9 * season)
        base = 28.5 - 60 * (sun / 90) ** 1.75
        inland = np.where(self.land, 1.0, 0.25)
        yearly = 17 * season * inland * np.sin(np.radians(self._y))
        lapse = -6.0 * self.height / 1000
        gulf_stream = 7 * np.exp(-(((self._x + 5) / 35) ** 2) - ((self._y - 62) / 13) ** 2)
        air: Field = base + yearly + lapse + gulf_stream + self._weather(1.8)
        return air

    def _pressure(self) -> Field:
        belts = 8 * np.cos(np.radians(self._y) * 6 - np.pi)
        return 1013 + belts - 0.05 * (self.temperature - 10) + self._weather(3.0)

    def _wind(self) -> Field:
        # Along the isobars: pressure falls to the left of the wind in the north.
        slope = np.gradient(self.pressure, axis=1)
        trades = -6 * np.exp(-((self._y / 16) ** 2))
        wind: Field = np.clip(5.5 * slope * np.sign(self._y), -40, 40) + trades
        return wind

    def _rain(self) -> Field:
        equator = self._y - 8 * -np.cos(2 * np.pi * (self._year - 1 / 12))
        belt = 11 * np.exp(-((equator / 9) ** 2))
        storms = 4 * np.exp(-(((np.abs(self._y) - 48) / 14) ** 2))
        dry = 2.5 + 2.0 * self.land
        rain: Field = np.clip(belt + storms + self._weather(1.0) - dry, 0, None)
        return rain

    def _sea_temperature(self) -> Field:
        surface = np.clip(0.9 * self.temperature + 2, -1.9, 31)
        shares = np.exp(-np.arange(_DEPTHS) / 2.2)[None, :, None, None]
        water: Field = 2 + (surface[:, None] - 2) * shares
        return np.where(self.land, np.nan, water)
