"""Which of a function's own lines its ApplicationLogLevel keeps."""

from __future__ import annotations

import pytest

from sagehen.services.lambda_.execution.application_levels import is_kept, level_of

TIME = '"timestamp": "2024-11-02T16:51:31.587199Z"'


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("plain", "INFO"),
        ("", "INFO"),
        # The guide's own example.
        ('{"level": "debug", "msg": "my debug log", ' + TIME + "}", "DEBUG"),
        ('{"level": "TRACE", "time": "2024-11-02T16:51:31+01:00"}', "TRACE"),
        ('{"level": "warning", ' + TIME + "}", "WARN"),
        ('{"level": "CRITICAL", ' + TIME + "}", "FATAL"),
        ('{"level": "loud", ' + TIME + "}", "INFO"),
        ('{"level": 30, ' + TIME + "}", "INFO"),
        ('{"msg": "none", ' + TIME + "}", "INFO"),
        # Without a valid time the level is not looked at.
        ('{"level": "error"}', "INFO"),
        ('{"level": "error", "timestamp": "yesterday"}', "INFO"),
        ('{"level": "error", "timestamp": "2024-11-02T16:51:31"}', "INFO"),
        ('{"level": "error", "timestamp": 1730566291}', "INFO"),
        ('{"level": "error", ' + TIME, "INFO"),
        ('{"level": ' + "[" * 20_000, "INFO"),
    ],
)
def test_levels(line: str, level: str) -> None:
    assert level_of(line) == level


def test_what_is_as_high_is_kept() -> None:
    line = '{"level": "warn", ' + TIME + "}"
    kept = [level for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL") if is_kept(line, level)]
    assert kept == ["TRACE", "DEBUG", "INFO", "WARN"]
