"""Streams: described as recorded, listed in pages that hold each once."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.logs.errors import (
    InvalidParameterException,
    ValidationException,
)
from tests.unit.logs.calls import GROUP, make_stream, now_ms, put
from tests.unit.logs.conftest import Call


async def test_listings_hand_out_a_token_only_where_there_is_more(call: Call, clock: ManualClock) -> None:
    await call("CreateLogGroup", logGroupName=GROUP)
    for name in ("c", "a", "b"):
        await call("CreateLogStream", logGroupName=GROUP, logStreamName=name)
        await put(call, (now_ms(clock) + ord(name) % 7, "x"), logStreamName=name)
    page = await call("DescribeLogStreams", logGroupName=GROUP, limit=2)
    assert [stream["logStreamName"] for stream in page["logStreams"]] == ["a", "b"]
    page = await call("DescribeLogStreams", logGroupName=GROUP, limit=2, nextToken=page["nextToken"])
    assert [stream["logStreamName"] for stream in page["logStreams"]] == ["c"]
    assert "nextToken" not in page
    assert "nextToken" not in await call("DescribeLogStreams", logGroupName=GROUP, limit=3)
    page = await call("DescribeLogStreams", logGroupName=GROUP, orderBy="LastEventTime", descending=True)
    times = [stream["lastEventTimestamp"] for stream in page["logStreams"]]
    assert times == sorted(times, reverse=True)
    with pytest.raises(InvalidParameterException):
        await call("DescribeLogStreams", logGroupName=GROUP, orderBy="LastEventTime", logStreamNamePrefix="a")


async def test_descriptions_and_refusals_as_recorded(call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    [group] = (await call("DescribeLogGroups"))["logGroups"]
    assert group.get("deletionProtectionEnabled") is None
    [stream] = (await call("DescribeLogStreams", logGroupName=GROUP))["logStreams"]
    assert stream.get("uploadSequenceToken") is None
    await put(call, (now_ms(clock), "x"))
    [stream] = (await call("DescribeLogStreams", logGroupName=GROUP))["logStreams"]
    assert len(stream["uploadSequenceToken"]) == 56
    with pytest.raises(ValidationException, match="are mutually exclusive parameters"):
        await call("DescribeLogStreams", logGroupName=GROUP, logGroupIdentifier=GROUP)


@pytest.mark.parametrize("by_time", [False, True])
@pytest.mark.parametrize("descending", [False, True])
async def test_pages_of_streams_hold_each_once(
    call: Call, clock: ManualClock, by_time: bool, descending: bool
) -> None:
    await call("CreateLogGroup", logGroupName="g")
    now_ms = int(clock.now().timestamp() * 1000)
    times = {"a": 3, "b": 0, "c": 1, "ca": 3, "cb": 0, "é": 2}
    for name, age in times.items():
        await call("CreateLogStream", logGroupName="g", logStreamName=name)
        if age:
            event = {"timestamp": now_ms - age, "message": "m"}
            await call("PutLogEvents", logGroupName="g", logStreamName=name, logEvents=[event])

    async def names(**more: Any) -> list[str]:
        found: list[str] = []
        while True:
            page = await call(
                "DescribeLogStreams", logGroupName="g", limit=2, descending=descending, **order, **more
            )
            assert 0 < len(page["logStreams"]) <= 2
            found += [one["logStreamName"] for one in page["logStreams"]]
            if (token := page.get("nextToken")) is None:
                return found
            more["nextToken"] = token

    order = {"orderBy": "LastEventTime"} if by_time else {}
    by_age = sorted(times, key=lambda name: (-times[name] if times[name] else -9, name))
    assert await names() == (by_age if by_time else sorted(times))[:: -1 if descending else 1]
    if not by_time:
        assert await names(logStreamNamePrefix="c") == ["c", "ca", "cb"][:: -1 if descending else 1]
