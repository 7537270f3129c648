"""Detections: one of a stack at a time, and each comes to an end, whatever can be stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import service_principal
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.drift.detections import AlreadyUnderWay, Detections
from sagehen.services.cloudformation.stacks.stack import Stack, Version

STACK = Stack(Scope("123456789012", "us-east-1"), "i", "s", 0.0, "CREATE_COMPLETE", Version("{}"))
WHO = service_principal("cloudformation.amazonaws.com")


class Rows:
    """What was stored, in a disk that may be full."""

    def __init__(self) -> None:
        self.row: dict[str, Any] | None = None
        self.is_full = False

    def of_stack(self, stack: Stack) -> dict[str, Any] | None:
        return self.row

    async def begin(self, stack: Stack, detection: Mapping[str, Any]) -> None:
        await asyncio.sleep(0)
        await self.put(stack, "", detection)

    async def put(self, stack: Stack, logical_id: str, found: Mapping[str, Any]) -> None:
        if self.is_full:
            raise OSError("no space left")
        self.row = dict(found)


def made() -> tuple[Detections, Rows]:
    rows: Any = Rows()
    tools: Any = SimpleNamespace(
        ids=SimpleNamespace(uuid=lambda: "d"),
        now=SystemClock().now,
        records=SimpleNamespace(resources=lambda stack: {}),
    )
    return Detections(tools, rows), rows


async def test_of_two_that_ask_at_once_one_is_refused() -> None:
    detections, rows = made()
    begun = [detections.begin(WHO, STACK, []) for _ in range(2)]
    first, second = await asyncio.gather(*begun, return_exceptions=True)
    assert first == "d" and isinstance(second, AlreadyUnderWay)
    while (last := detections.last(STACK)) and last["state"] == "DETECTION_IN_PROGRESS":
        await asyncio.sleep(0)
    assert last == rows.row and last["state"] == "DETECTION_COMPLETE"


async def test_one_whose_end_cannot_be_stored_has_failed_and_the_next_may_begin() -> None:
    detections, rows = made()
    await detections.begin(WHO, STACK, [])
    rows.is_full = True
    while (last := detections.last(STACK)) and last["state"] == "DETECTION_IN_PROGRESS":
        await asyncio.sleep(0)
    assert last and (last["state"], last["reason"]) == (
        "DETECTION_FAILED",
        "What was found could not be stored.",
    )
    with pytest.raises(OSError, match="no space"):
        await detections.begin(WHO, STACK, [])
    rows.is_full = False
    assert await detections.begin(WHO, STACK, []) == "d"
    await detections.end_all()
