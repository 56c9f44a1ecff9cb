"""The GPU benchmark: it runs to its end on a simulation, and without a GPU says so."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.gpu.on_a_device import outcomes
from tests.benchmarks.gpu.session import Options, Row, Session
from tests.benchmarks.gpu.targets import Verdict, verdicts

ROOT = Path(__file__).parents[2]
LABEL = "REHEARSAL, not a GPU: "
PROGRAM = "import sys; sys.modules['cupy'] = None; sys.argv[1:] = {!r}; {}"
BENCHMARK = "import runpy; runpy.run_module('tests.benchmarks.gpu', run_name='__main__')"


def run(*arguments: str) -> tuple[int, list[str]]:
    """Run the benchmark where CuPy is hidden."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(list(arguments), BENCHMARK)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def test_without_a_gpu_nothing_is_measured(tmp_path: Path):
    code, lines = run("--results", str(tmp_path))

    assert code == 0
    assert lines[0].startswith("no GPU: cupy is not installed")
    assert lines[1:] == ["nothing was measured"]
    assert not list(tmp_path.iterdir())


def test_the_whole_benchmark_runs_on_the_simulation(tmp_path: Path):
    code, lines = run("--rehearse", "--results", str(tmp_path))

    said = "\n".join(lines)
    assert code == 0, said
    assert "0 failures" in lines[-2], said
    assert all(line.startswith(LABEL) for line in lines[1:]), said
    assert "simulation, not a GPU" in lines[0]
    for number in range(1, 14):
        of_metric = [line for line in lines if line.startswith(f"{LABEL}{number:2} ")]
        assert any("MET" in line or "MISSED" in line for line in of_metric), of_metric
    assert f"{LABEL}pinned source changed after set" in said
    assert not list(tmp_path.iterdir())


def found(*rows: Row) -> dict[tuple[int, str, int, str], Verdict]:
    """Return the verdicts on some rows, by metric, thing, size and the other way."""
    session = Session(Options(), Any, [], rows=list(rows))  # type: ignore[arg-type]
    session.close()
    return {(v.number, v.what, v.size, v.against): v for v in verdicts(session)}


def test_a_target_is_met_missed_or_not_measured_by_the_ratio_of_medians():
    what, size = "set of a host value", 64 << 20
    ours = Row(what, "zstore", size, "s", [3.0, 1.0, 2.0])
    measured = found(
        ours,
        Row(what, "zarr", size, "s", [5.0, 6.0, 4.0]),
        Row(what, "limit", size, "s", [0.5, 0.5, 0.5]),
    )

    beside_zarr = measured[1, what, size, "zarr"]
    assert (beside_zarr.found, beside_zarr.low, beside_zarr.high) == (0.4, 1 / 6, 3 / 4)
    assert (beside_zarr.bar, beside_zarr.says) == (0.4, "MET")
    assert measured[1, what, size, "limit"].says == "MISSED"
    assert measured[1, what, 4 << 20, "zarr"].says == "not measured"
    assert found(ours)[1, what, size, "zarr"].says == "not measured"


def test_every_one_of_the_thirteen_metrics_has_a_target():
    numbers = {number for number, _, _, _ in found()}

    assert numbers == set(range(1, 14))


LOG = """<testsuites><testsuite>
<testcase classname="tests.gpu.test_ring" name="test_a"/>
<testcase classname="tests.gpu.test_ring" name="test_b">
  <failure message="assert 1 == 2&#10;more">lines</failure></testcase>
<testcase classname="tests.gpu.test_ring" name="test_c">
  <skipped message="no zarr"/></testcase>
<testcase classname="tests.gpu.test_ring" name="test_d">
  <error message="failed on setup">lines</error></testcase>
<testcase classname="" name="tests.test_x"><error message="collection failure">
tests/test_x.py:1: in
E   ModuleNotFoundError: No module named 'moto'</error></testcase>
</testsuite></testsuites>"""


def test_the_log_of_the_tests_says_how_each_ended():
    assert dict(outcomes(LOG)) == {
        "tests.gpu.test_ring::test_a": "passed",
        "tests.gpu.test_ring::test_b": "failed: assert 1 == 2",
        "tests.gpu.test_ring::test_c": "skipped: no zarr",
        "tests.gpu.test_ring::test_d": "failed: failed on setup",
        "::tests.test_x": "not collected: E   ModuleNotFoundError: No module named 'moto'",
    }
