"""A plan that comes over the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.console.documents.rehearsal.bounded import MOST_POINTS, rehearsed, thinned
from sagehen.console.documents.rehearsal.rehearsal import (
    Rehearsals,
    RehearsalTooLong,
    TooManyRehearsals,
    answered_aside,
)
from sagehen.domain.own_processes import NoAnswer
from tests.unit.console.documents.asked import Table

PLAN = """{"traffic": "1 for 10m", "endpoint": {"instance_type": "ml.m5.large", "service_time": "80ms"},
"candidates": [{"instances": 1}, {"instances": 2}], "objective": "p99 <= 1s"}"""


async def test_is_carried_out_in_a_process_of_its_own() -> None:
    found = await answered_aside(PLAN)
    assert [one["meets_objective"] for one in found["candidates"]] == [True, True]
    assert found["recommended"] == found["candidates"][0]["name"]
    assert 0 < len(found["candidates"][0]["series"]) <= MOST_POINTS


@pytest.mark.parametrize(
    "traffic",
    ['{"trace": "/etc/passwd"}', '{"recorded": {"endpoint": "mine"}}'],
)
def test_reads_no_file_and_no_metric(traffic: str) -> None:
    with pytest.raises(ValueError, match="sagehen rehearse"):
        rehearsed(PLAN.replace('"1 for 10m"', traffic))
    with pytest.raises(ValueError, match="sagehen rehearse"):
        rehearsed(PLAN.replace('"80ms"', '{"report": "/etc/passwd"}'))


async def test_one_at_a_time_and_not_for_ever() -> None:
    begun, going = asyncio.Event(), asyncio.Event()

    async def slow(plan: str) -> Mapping[str, Any]:
        begun.set()
        await going.wait()
        raise NoAnswer("too long")

    rehearsals = Rehearsals(slow)
    first = asyncio.create_task(rehearsals(Table({}), {"plan": PLAN}))
    await begun.wait()
    with pytest.raises(TooManyRehearsals):
        await rehearsals(Table({}), {"plan": PLAN})
    going.set()
    with pytest.raises(RehearsalTooLong):
        await first


@pytest.mark.parametrize("plan", ["", "x" * 12_001])
async def test_asks_for_a_plan(plan: str) -> None:
    with pytest.raises(ValidationException):
        await Rehearsals()(Table({}), {"plan": plan})


async def test_says_what_is_wrong_with_a_plan() -> None:
    async def wrong(plan: str) -> Mapping[str, Any]:
        return {"refused": "line 1: no"}

    with pytest.raises(ValidationException, match="line 1"):
        await Rehearsals(wrong)(Table({}), {"plan": "no"})


def test_thins_to_the_ends() -> None:
    assert thinned(range(1001), 3) == [0, 500, 1000]
    assert thinned([1, 2], 3) == [1, 2]
