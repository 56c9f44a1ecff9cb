"""The bar that a person sees who waits for a scan."""

from dataclasses import replace

import pytest

from zstore.cli.inventory.bar import scan_bar
from zstore.inventory import ScanProgress
from zstore.inventory.snapshot.rollup import LiveTree

TOLD = ScanProgress(
    nkeys=1_234_567,
    nbytes=5 * 2**40,
    nrequests=1235,
    nactive=16,
    nretries=0,
    seconds=100.0,
    fraction=0.5,
    nkeys_here=1_234_567,
    tree=LiveTree(),
)


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (
            TOLD,
            "50%, 1,234,567 keys, 5.0 TiB, 12,346 keys/s, 1,235 requests, about 2 min left",
        ),
        (
            replace(TOLD, fraction=None),
            " 1,234,567 keys, 5.0 TiB, 12,346 keys/s, 1,235 requests, Ctrl-C",
        ),
        (
            replace(TOLD, fraction=0.9),
            "90%, 1,234,567 keys, 5.0 TiB, 12,346 keys/s, 1,235 requests, about 11 s",
        ),
    ],
)
def test_in_a_terminal_it_says_how_far_the_scan_is(
    progress: ScanProgress,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    with scan_bar(quietly=False) as tell:
        tell(progress)
    shown = capsys.readouterr()
    assert line in shown.err
    assert "Ctrl-C stops" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("quietly", [True, False])
def test_a_program_that_reads_the_output_sees_none(
    *, quietly: bool, capsys: pytest.CaptureFixture[str]
):
    with scan_bar(quietly=quietly) as tell:
        tell(TOLD)
    assert capsys.readouterr() == ("", "")
