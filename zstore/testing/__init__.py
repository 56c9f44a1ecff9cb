"""The contract of a store, for anyone who writes one.

All of it at once, and every broken promise named::

    await zstore.testing.check_store(lambda: MyStore(fresh_place()))

Or a test for each promise::

    @pytest.mark.parametrize("check", zstore.testing.CHECKS)
    async def test_the_contract(check):
        await check(lambda: MyStore(fresh_place()))

There is no class to derive from, so no promise can be silenced by overriding it. Nothing
but Python is needed. `zstore.testing.model` plays a store against a dict, at random; it
needs hypothesis.
"""

from zstore.testing.promises import Check, MakeStore
from zstore.testing.running import CHECKS, KEY_CHECKS, check_store

__all__ = ["CHECKS", "KEY_CHECKS", "Check", "MakeStore", "check_store"]
