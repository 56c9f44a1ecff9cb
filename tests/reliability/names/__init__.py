"""What a key may be, and what a store does with texts that are none: N1 to N6.

All of it runs in the jail.
"""

from tests.reliability.measures import Measure
from tests.reliability.names.evil import refusals
from tests.reliability.names.kinds import no_values
from tests.reliability.names.links import escapes
from tests.reliability.names.plain import characters
from tests.reliability.names.scene import SYSTEMS, WRAPPERS

__all__ = ["MEASURES"]

# obstore follows links and waits for FIFOs; see the docs.
_OVER_OBSTORE = ("zstore Object(local)",)
_LOCAL = (
    *("zstore Local", "zstore Fsspec(local)", "zstore Prefix", *_OVER_OBSTORE),
    *("zarr Local", "zarr Fsspec(local)", "obstore Local", "tensorstore file"),
)

MEASURES = (
    Measure(
        name="names.refusals",
        promises=("N1", "N2", "N5"),
        systems=SYSTEMS,
        run=refusals,
        jailed=True,
    ),
    Measure(
        name="names.characters",
        promises=("N3",),
        systems=tuple(name for name in SYSTEMS if name not in WRAPPERS),
        run=characters,
        jailed=True,
    ),
    Measure(
        name="names.links",
        promises=("N4",),
        systems=_LOCAL,
        run=escapes,
        jailed=True,
        unpromised=_OVER_OBSTORE,
    ),
    Measure(
        name="names.kinds",
        promises=("N6",),
        systems=_LOCAL,
        run=no_values,
        jailed=True,
        unpromised=_OVER_OBSTORE,
    ),
)
"""All of this kind."""
