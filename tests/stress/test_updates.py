"""An endpoint at four fifths of its capacity while it changes: every request is answered with 200.

`make benchmarks` measures the same with an endpoint that the processors bound. Above the capacity, and when
the endpoint is deleted: `tests/e2e/test_updates_under_load.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from benchmarks.updates import HANDLER, Fleet, run

from tests.e2e import story
from tests.running import RunningSagehen

# A round takes half a minute.
ROUNDS = max(1, int(os.environ.get("SAGEHEN_STRESS", "1")) // 10)
pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.timeout(240 * ROUNDS)]
# Four workers that wait: few enough requests a second for a machine that is busy with other tests, and what
# the other instance of a killed one cannot take has room in a queue of 256 for most of a minute.
SECONDS = 0.1


@pytest.fixture
def sagehen(tmp_path: Path) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path / "data")
    running.start()
    yield running
    running.stop()


def test_at_80_percent_of_the_capacity_no_request_fails_or_hangs(sagehen: RunningSagehen) -> None:
    port = urlsplit(sagehen.url).port
    assert port is not None
    fleet = Fleet(lambda name: story.client(sagehen, name), story.ROLE, HANDLER.format(seconds=SECONDS))
    for _ in range(ROUNDS):
        done = run(fleet, port, connections=8, seconds=1, quiet_s=1)
        assert done.hanging == 0
        for phase in done.phases:
            assert phase.answers, f"nothing was asked during: {phase.name}"
            failed = [answer for answer in phase.answers if answer.status != 200]
            assert not failed, f"{len(failed)} of {len(phase.answers)} during {phase.name}: {failed[:3]}"
