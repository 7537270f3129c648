"""How long a client may keep the door waiting: a table of phases, times and bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.gateway.connections.patience import Overdue, Phase, overdue
from sagehen.gateway.settings import FrontDoorSettings

_SETTINGS = FrontDoorSettings(
    Path("/nowhere"), header_timeout_s=20, idle_timeout_s=75, body_grace_s=20, body_min_rate=1024
)


@pytest.mark.parametrize(
    ("phase", "waited_s", "body_bytes", "expected"),
    [
        ("head", 20.0, 0, None),
        ("head", 20.1, 0, Overdue.REFUSE),
        ("idle", 20.1, 0, None),
        ("idle", 75.0, 0, None),
        ("idle", 75.1, 0, Overdue.CLOSE),
        ("body", 20.0, 0, None),  # within its grace, however slow
        ("body", 20.1, 0, Overdue.ABORT),
        ("body", 20.1, 20_480, Overdue.ABORT),  # 20,582 were due
        ("body", 20.1, 20_600, None),
        ("body", 40.0, 40_960, None),  # exactly what was due
        ("busy", 9_999.0, 0, None),  # it is the platform that takes its time
    ],
)
def test_who_is_overdue(phase: Phase, waited_s: float, body_bytes: int, expected: Overdue | None) -> None:
    assert overdue(phase, waited_s, body_bytes, _SETTINGS) is expected
