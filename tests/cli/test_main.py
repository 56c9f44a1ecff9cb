"""Arguments, errors and exit statuses of the console script."""

import os
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.console import zstore
from tests.scripts import run_script
from tests.servers import HttpServer
from zstore.cli import main
from zstore.display import Outline, Row
from zstore.errors import ZStoreWarning


def test_it_says_which_version_it_is():
    assert zstore("--version").stdout == f"zstore {version('zstore')}\n"


def test_its_help_names_every_command():
    text = zstore("--help").stdout
    assert all(name in text for name in ("tree", "du", "info", "lab"))


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["tree"], ["tree", "x", "--depth", "0"]]
)
def test_wrong_arguments_are_a_status_of_their_own(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith("usage: zstore")


@pytest.mark.parametrize("command", ["tree", "du", "info", "lab"])
def test_a_store_that_is_not_there_is_one_line(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
):
    assert main([command, str(tmp_path / "none")]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("zstore: ")
    assert told.err.endswith("none does not exist\n")
    assert told.err.count("\n") == 1
    assert not (tmp_path / "none").exists()


def test_a_broken_archive_is_one_line(tmp_path: Path):
    path = tmp_path / "broken.zip"
    path.write_bytes(b"PK\x03\x04 no archive at all")
    done = zstore("du", path)
    assert done.returncode == 1
    assert done.stderr.startswith("zstore: ")
    assert done.stderr.count("\n") == 1


def test_no_password_of_a_url_is_printed(http_server: HttpServer):
    url = http_server.url.replace("http://", "http://me:word@")
    done = zstore("info", f"{url}/a?token=abc", "zarr.json/")
    assert "word" not in done.stdout + done.stderr
    assert "abc" not in done.stdout + done.stderr


def test_the_home_folder_is_a_tilde(sea: Path):
    done = zstore("tree", sea, HOME=str(sea.parent))
    assert done.stdout.startswith("LocalStore('file://~/sea.zarr')")


def test_warnings_are_lines_too(sea: Path):
    (sea / "link").symlink_to(sea / "ocean")
    done = zstore("du", sea)
    assert done.returncode == 0
    assert "sea.zarr/link' is left out of listings" in done.stderr
    assert done.stderr.startswith("zstore: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["tree", "du", "info"])
def test_without_rich_it_says_what_to_install(sea: Path, command: str):
    program = f"""
        import sys
        sys.modules["rich"] = None
        from zstore.cli import main
        status = main([{command!r}, {str(sea)!r}, "--json"])
        assert status == 0
        sys.stderr = sys.stdout
        assert main([{command!r}, {str(sea)!r}]) == 1
    """
    last = run_script(program).splitlines()[-1]
    assert last == "zstore: this needs the package 'rich': pip install 'zstore[cli]'"


def test_a_reader_that_has_seen_enough_is_no_error(sea: Path):
    with subprocess.Popen(
        [sys.executable, "-m", "zstore.cli", "tree", str(sea), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 1


def test_letters_that_the_terminal_lacks_are_escapes(sea: Path):
    (sea / "größe").write_bytes(b"1")
    done = zstore("du", sea, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "gr\\xf6\\xdfe" in done.stdout


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), 130), (RuntimeError("no"), 1)]
)
def test_every_end_has_a_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("zstore.cli.tree.with_store", fail)
    assert main(["tree", "x"]) == status
    told = {130: "", 1: "zstore: RuntimeError: no\n"}
    assert capsys.readouterr().err == told[status]


def test_news_for_programmers_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def warn(*_: object) -> Outline:
        for category in (DeprecationWarning, ResourceWarning, ZStoreWarning):
            warnings.warn(f"a {category.__name__}\n", category, stacklevel=1)
        return Outline("here", Row("", "", "prefix"), depth=1)

    monkeypatch.setattr("zstore.cli.tree.with_store", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(["tree", "x"]) == 0
    assert capsys.readouterr().err == "zstore: a ZStoreWarning\\n\n"


def test_it_runs_in_this_process_as_well(sea: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["info", str(sea)]) == 0
    assert "Zarr v2" in capsys.readouterr().out
    assert main(["info", str(sea / "none")]) == 1
    assert capsys.readouterr().err.startswith("zstore: ")
