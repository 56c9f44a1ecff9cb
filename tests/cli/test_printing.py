"""What is printed, to a person and to a program."""

import json

import pytest

from zstore.cli.printing import console, print_json, print_table


def test_columns_stand_below_each_other(capsys: pytest.CaptureFixture[str]):
    print_table([("size", "name"), ("1 B", "a"), ("100 KiB", "")], right=(0,))
    assert capsys.readouterr().out == "   size  name\n    1 B  a\n100 KiB\n"


def test_no_text_is_cut_or_broken(capsys: pytest.CaptureFixture[str]):
    long = "x" * 500
    print_table([("a", long)])
    assert capsys.readouterr().out == f"a  {long}\n"


def test_no_text_is_markup(capsys: pytest.CaptureFixture[str]):
    text = "[red]a[/red] :smile: https://host 12"
    console().print(text)
    print_table([(text,)])
    assert capsys.readouterr().out == f"{text}\n{text}\n"


@pytest.mark.parametrize("faint", ["head", "first", ""])
def test_in_a_terminal_labels_are_faint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], faint: str
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_table([("a", "b"), ("c", "d")], faint=faint)
    marks = capsys.readouterr().out.count("\x1b[2m")
    assert marks == {"head": 1, "first": 2, "": 0}[faint]


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]):
    value = {"name": "exe\u202egnp\x1b\ud800\u2028"}
    print_json(value)
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert json.loads(shown) == value
