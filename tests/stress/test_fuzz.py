"""Every declared operation, asked what it was not made for: no 500, no traceback, nobody held up.

SAGEHEN_STRESS=n makes n rounds of it (the nightly form is 100), SAGEHEN_STRESS_SEED begins elsewhere.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagehen.app.declared import declared_operations
from sagehen.app.loop_watch import LOOP_WATCH
from tests.protocol.botocore_side import CATALOG
from tests.running import RunningSagehen
from tests.stress.calls import Caller
from tests.stress.world import build

ROUNDS = int(os.environ.get("SAGEHEN_STRESS", "1"))
SEED = os.environ.get("SAGEHEN_STRESS_SEED", "1")
# A third of AWS's own 29 s: nothing that is asked here does real work.
ANSWER_S = 10
pytestmark = pytest.mark.timeout(120 + 60 * ROUNDS)


@pytest.fixture
def sagehen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSagehen]:
    monkeypatch.setenv(LOOP_WATCH, "50")
    running = RunningSagehen(tmp_path / "data")
    running.start()
    yield running
    assert running.stop() == 0


def test_no_operation_answers_500_or_holds_the_loop(sagehen: RunningSagehen) -> None:
    declared = declared_operations()
    cases = [
        (service, protocol, operation)
        for service, operations in sorted(declared.items())
        if service in CATALOG.names
        for operation in operations
        for protocol in CATALOG.service(service).protocols
    ]
    assert len(cases) > 300
    caller = Caller(sagehen, build(sagehen))
    faults = []
    answered = 0
    for count in range(ROUNDS):
        random.Random(f"{SEED}-{count}").shuffle(cases)
        for service, protocol, operation in cases:
            answer = caller.hostile(service, protocol, operation, f"{SEED}-{count}-{operation}")
            if answer is None:
                continue
            answered += 1
            if answer.status == 500 or answer.seconds > ANSWER_S:
                faults.append(
                    f"{answer.what}: {answer.status} in {answer.seconds:.1f} s: {answer.body[:300]!r}"
                )
    caller.close()
    assert faults == []
    assert answered > len(cases) * ROUNDS / 2
    assert "Traceback" not in sagehen.log, sagehen.log[-6000:]
    held = sagehen.holdups()
    assert held == [], "\n".join(held)
