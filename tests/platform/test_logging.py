"""Messages: which are written, and where."""

import logging as python_logging

import pytest

from graphlab_nb.platform import logging


@pytest.fixture
def alone(monkeypatch):
    """A function that takes away the root logger's handlers, which pytest adds when the test begins."""
    before = logging.get_verbosity()
    yield lambda: monkeypatch.setattr(python_logging.getLogger(), "handlers", [])
    logging.set_verbosity(before)


def test_warnings_and_worse_are_written_at_the_start(alone, capsys):
    alone()
    logging.debug("a")
    logging.info("b")
    logging.warn("c %d", 1)
    logging.warning("d")
    logging.error("e")
    logging.fatal("f")
    assert capsys.readouterr().err.splitlines() == [
        "WARNING:graphlab_nb:c 1",
        "WARNING:graphlab_nb:d",
        "ERROR:graphlab_nb:e",
        "CRITICAL:graphlab_nb:f",
    ]


def test_verbosity_chooses(alone, capsys):
    alone()
    logging.set_verbosity(logging.INFO)
    assert logging.get_verbosity() == logging.INFO
    logging.debug("a")
    logging.info("b")
    logging.log(logging.ERROR, "c")
    logging.flush()
    assert capsys.readouterr().err == "INFO:graphlab_nb:b\nERROR:graphlab_nb:c\n"


def test_some_of_many(alone, capsys):
    alone()
    for i in range(5):
        logging.log_first_n(logging.WARN, "first %d", 2, i)
        logging.log_every_n(logging.WARN, "every %d", 2, i)
        logging.log_if(logging.WARN, "if %d", i == 3, i)
    written = [line.rpartition(":")[2] for line in capsys.readouterr().err.splitlines()]
    assert written == ["first 0", "every 0", "first 1", "every 2", "if 3", "every 4"]


def test_a_configured_root_logger_gets_the_messages_instead(alone, capsys, caplog):
    alone()
    python_logging.getLogger().handlers.append(caplog.handler)
    logging.warn("once")
    assert caplog.messages == ["once"] and capsys.readouterr().err == ""
