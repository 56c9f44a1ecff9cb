"""Loggers of one name that do not share what they have."""

import logging
from collections.abc import Iterator

import pytest

from zstore._compat import override
from zstore.wrappers.own_logger import OwnLogger

NAME = "a logger of the tests"


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    logging.disable(logging.NOTSET)
    logging.getLogger(NAME).setLevel(logging.NOTSET)


def test_two_of_one_name_keep_their_level_and_handlers():
    one, two = Kept(), Kept()
    loud, quiet = OwnLogger(NAME, "DEBUG", one), OwnLogger(NAME, "ERROR", two)
    loud.info("1")
    quiet.info("2")
    quiet.error("3")
    assert (one.lines, two.lines) == (["1"], ["3"])


def test_the_logger_of_that_name_gets_it_once(caplog: pytest.LogCaptureFixture):
    shared = Kept()
    logging.getLogger(NAME).addHandler(shared)
    try:
        OwnLogger(NAME, "INFO", Kept()).info("1")
    finally:
        logging.getLogger(NAME).removeHandler(shared)
    assert shared.lines == ["1"]
    assert [record.name for record in caplog.records] == [NAME]


def test_a_level_that_changes_holds_at_once():
    kept = Kept()
    logger = OwnLogger(NAME, "INFO", kept)
    logger.info("1")
    logger.setLevel("ERROR")
    logger.info("2")
    logger.setLevel("INFO")
    logging.getLogger(NAME).setLevel("ERROR")
    logger.info("3")
    logging.getLogger(NAME).setLevel("INFO")
    logging.disable(logging.INFO)
    logger.info("4")
    logging.disable(logging.NOTSET)
    logger.disabled = True
    logger.info("5")
    logger.disabled = False
    logger.info("6")
    assert kept.lines == ["1", "6"]
