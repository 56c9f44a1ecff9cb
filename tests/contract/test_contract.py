"""Every store keeps every promise of `zstore.testing`."""

from pathlib import Path

import pytest

import zstore.testing
from tests.cases import BROKEN, CASES, DEVICE_CASES, KEY_CASES, S3_CASES
from tests.fakes import RecordingStore
from tests.servers import S3Server


@pytest.fixture(autouse=True)
def known(request: pytest.FixtureRequest) -> None:
    """Expect the test to fail where the store is known to break the promise."""
    case, check = (request.node.callspec.params[name] for name in ("case", "check"))
    reason = BROKEN.get((case, check.__name__))
    if reason is not None:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.mark.parametrize("check", zstore.testing.CHECKS)
@pytest.mark.parametrize("case", CASES)
async def test_a_store_keeps_its_promises(
    case: str, check: zstore.testing.Check, tmp_path: Path
):
    await check(lambda: CASES[case](tmp_path))


@pytest.mark.timeout(300)  # thousands of values, one request each
@pytest.mark.parametrize("check", zstore.testing.CHECKS)
@pytest.mark.parametrize("case", S3_CASES)
async def test_a_store_on_a_server_keeps_its_promises(
    case: str, check: zstore.testing.Check, s3_server: S3Server
):
    await check(lambda: S3_CASES[case](s3_server))


@pytest.mark.usefixtures("simulation")
@pytest.mark.parametrize("check", zstore.testing.CHECKS)
@pytest.mark.parametrize("case", DEVICE_CASES)
async def test_a_store_keeps_its_promises_in_simulation(
    case: str, check: zstore.testing.Check
):
    await check(DEVICE_CASES[case])


@pytest.mark.gpu
@pytest.mark.parametrize("check", zstore.testing.CHECKS)
@pytest.mark.parametrize("case", DEVICE_CASES)
async def test_a_store_keeps_its_promises_on_a_gpu(case: str, check: zstore.testing.Check):
    await check(DEVICE_CASES[case])


@pytest.mark.parametrize("check", zstore.testing.KEY_CHECKS)
@pytest.mark.parametrize("case", KEY_CASES)
async def test_what_is_no_key_never_reaches_a_backend(
    case: str, check: zstore.testing.Check, tmp_path: Path
):
    await check(lambda: KEY_CASES[case](tmp_path))


@pytest.mark.parametrize("check", zstore.testing.CHECKS)
@pytest.mark.parametrize("case", ["recording"])
async def test_hooks_get_what_they_are_promised(case: str, check: zstore.testing.Check):
    del case
    await check(RecordingStore)
