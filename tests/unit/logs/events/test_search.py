"""FilterLogEvents: the streams of a group in one order of time."""

from __future__ import annotations

from sagehen.domain.clock import ManualClock
from tests.unit.logs.calls import GROUP, now_ms, put
from tests.unit.logs.conftest import Call


async def test_filter_interleaves_streams_and_pages(call: Call, clock: ManualClock) -> None:
    await call("CreateLogGroup", logGroupName=GROUP)
    now = now_ms(clock)
    for index, name in enumerate(("a", "b", "z")):
        await call("CreateLogStream", logGroupName=GROUP, logStreamName=name)
        await put(call, *((now + 3 * i + index, f"{name}{i}") for i in range(4)), logStreamName=name)
    whole = await call("FilterLogEvents", logGroupName=GROUP)
    assert [event["message"] for event in whole["events"]] == [
        f"{name}{i}" for i in range(4) for name in "abz"
    ]
    assert "nextToken" not in whole
    assert len({event["eventId"] for event in whole["events"]}) == 12
    request = {"logGroupName": GROUP, "logStreamNames": ["a", "b"], "filterPattern": "-a0", "limit": 3}
    messages, token = [], None
    while True:
        page = await call("FilterLogEvents", **request, nextToken=token)
        messages += [event["message"] for event in page["events"]]
        token = page.get("nextToken")
        if token is None:
            break
    assert messages == ["b0", "a1", "b1", "a2", "b2", "a3", "b3"]
    newest = await call("FilterLogEvents", logGroupName=GROUP, startFromHead=False, limit=2)
    assert [event["message"] for event in newest["events"]] == ["z3", "b3"]
    ranged = await call(
        "FilterLogEvents", logGroupName=GROUP, logStreamNamePrefix="z", startTime=now + 3, endTime=now + 5
    )
    assert [event["message"] for event in ranged["events"]] == ["z1"]
