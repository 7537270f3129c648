"""Many streams in one order of time: which are opened when, and what is held of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.logs.events.records import EventRecords
from tests.unit.logs.conftest import Call

GROUP = "/aws/lambda/f"


async def fill(call: Call, clock: ManualClock, streams: dict[str, list[int]], length: int = 1) -> list[str]:
    """Put events at so many ms from now; return their messages in order of time."""
    now_ms = int(clock.now().timestamp() * 1000)
    await call("CreateLogGroup", logGroupName=GROUP)
    ordered = []
    for name, times in streams.items():
        await call("CreateLogStream", logGroupName=GROUP, logStreamName=name)
        events = [{"timestamp": now_ms + at, "message": f"{name}-{at}-".ljust(length, "x")} for at in times]
        await call("PutLogEvents", logGroupName=GROUP, logStreamName=name, logEvents=events)
        ordered += [(at, event["message"]) for at, event in zip(times, events, strict=True)]
    return [message for _, message in sorted(ordered, key=lambda one: one[0])]


async def pages(call: Call, **request: Any) -> list[str]:
    found: list[str] = []
    token, first = None, True
    while token is not None or first:
        page = await call("FilterLogEvents", logGroupName=GROUP, nextToken=token, **request)
        assert all(event["message"].startswith(event["logStreamName"]) for event in page["events"])
        found += [event["message"] for event in page["events"]]
        token, first = page.get("nextToken"), False
    return found


# Apart, within another, over another's end, of one time, and one that is long before all.
STREAMS = {
    "a": list(range(0, 100, 7)),
    "b": [30, 31, 32],
    "c": list(range(90, 130)),
    "d": [500],
    "e": [30, 500, 501],
    "f": [-5000],
    "ba": [128, 129, 400],
}


@pytest.mark.parametrize("limit", [1, 3, 1000])
@pytest.mark.parametrize("held_bytes", [300, 4 * 1024 * 1024])
@pytest.mark.parametrize("length", [1, 400])
async def test_every_event_comes_once_and_in_order(
    call: Call, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, limit: int, held_bytes: int, length: int
) -> None:
    monkeypatch.setattr("sagehen.services.logs.events.merge._HELD_BYTES", held_bytes)
    ordered = await fill(call, clock, STREAMS, length)
    assert await pages(call, limit=limit) == ordered
    assert await pages(call, limit=limit, startFromHead=False) == ordered[::-1]
    chosen = [message for message in ordered if message[0] == "b"]
    assert await pages(call, limit=limit, logStreamNamePrefix="b") == chosen
    assert (
        await pages(call, limit=limit, logStreamNames=["b", "ba", "none"], startFromHead=False)
        == chosen[::-1]
    )
    now_ms = int(clock.now().timestamp() * 1000)
    ranged = await pages(call, limit=limit, startTime=now_ms + 31, endTime=now_ms + 100)
    assert ranged == [message for message in ordered if 31 <= int(message.split("-")[-2]) <= 100]


@pytest.mark.parametrize("from_head", [True, False])
async def test_streams_are_opened_when_their_turn_comes(
    call: Call, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, from_head: bool
) -> None:
    opened: list[int] = []
    walk = EventRecords.walk

    def counted(self: EventRecords, stream_id: int, *args: Any, **more: Any) -> Iterator[Any]:
        opened.append(stream_id)
        return walk(self, stream_id, *args, **more)

    monkeypatch.setattr(EventRecords, "walk", counted)
    await fill(call, clock, {f"s{number}": [10 * number, 10 * number + 5] for number in range(50)})
    page = await call("FilterLogEvents", logGroupName=GROUP, limit=3, startFromHead=from_head)
    assert len(page["events"]) == 3 and len(opened) <= 3
    opened.clear()
    await call(
        "FilterLogEvents", logGroupName=GROUP, limit=3, startFromHead=from_head, nextToken=page["nextToken"]
    )
    assert len(opened) <= 4, "what was shown is not opened again"
    opened.clear()
    now_ms = int(clock.now().timestamp() * 1000)
    page = await call(
        "FilterLogEvents",
        logGroupName=GROUP,
        startTime=now_ms + 100,
        endTime=now_ms + 118,
        startFromHead=from_head,
    )
    assert (len(page["events"]), len(opened)) == (4, 2), "only those that have events of the time"
