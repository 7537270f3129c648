"""Warm parents of other interpreters: few, and none is forgotten that is about to be started."""

from __future__ import annotations

from pathlib import Path

from sagehen.domain.clock import ManualClock
from sagehen.executors.base import Interpreter
from sagehen.executors.warm.parents import WarmParents
from tests.unit.executors.warm.test_spares import Groups


async def test_others_make_room_once_they_are_idle() -> None:
    clock = ManualClock()
    parents = WarmParents(clock, "python", uses_user_namespace=False, backend=Groups(), idle_retire_s=900)
    pythons = [Interpreter(f"/env{number}/bin/python", (Path("/env"),), (3, 12)) for number in range(5)]
    given = [parents.get("torch", python) for python in pythons[:4]]
    assert all(given) and parents.get("torch", pythons[4]) is None
    await clock.advance(899)
    assert parents.get("torch", pythons[0]) is given[0] and parents.get("torch", pythons[4]) is None
    await clock.advance(1)
    assert parents.get("torch", pythons[4]) is not None
    assert parents.get("torch", pythons[0]) is given[0]
