"""One record of the platform's log is one line, whatever is in it."""

from __future__ import annotations

import logging
import sys

from sagehen.app.log_lines import OneLine


def test_control_characters_are_shown_and_do_nothing() -> None:
    record = logging.LogRecord(
        "n", logging.INFO, "f", 1, "%s", ("a\n2026 INFO root\x1b[2J\x9b\u2028é\t",), None
    )
    assert OneLine("%(message)s").format(record) == r"a\n2026 INFO root\x1b[2J\x9b\u2028é" + "\t"


def test_a_traceback_keeps_its_lines_and_shows_its_message_escaped() -> None:
    try:
        raise ValueError("bad\x1b]0;title\x07")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    text = OneLine("%(message)s").format(record)
    assert text.startswith("failed\nTraceback (most recent call last):\n")
    assert text.endswith(r"ValueError: bad\x1b]0;title\x07")
