"""The table of the documentation can be printed, here for fewer keys."""

import pytest

from tests.inventory.planning.billion import main


def test_a_row_for_each_number_of_workers_is_printed(capsys: pytest.CaptureFixture[str]):
    main(["--nkeys", "200000", "--workers", "1", "4", "--shape", "flat"])
    text = capsys.readouterr().out
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if "|" in line]
    assert "200,000 keys, flat:" in text
    assert [row[0] for row in rows] == ["Workers", "---:", "1", "4"]
    assert all(len(row) == len(rows[0]) for row in rows)
    assert all(int(row[1].replace(",", "")) >= 200 for row in rows[2:])
