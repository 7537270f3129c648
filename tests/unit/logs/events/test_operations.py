"""Events: put, and read back page by page."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.clock import ManualClock
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.validation.validate import validate
from sagehen.services.logs.errors import (
    InvalidParameterException,
    ResourceNotFoundException,
)
from sagehen.services.logs.service import LogsService
from tests.unit.logs.calls import GROUP, NAMES, make_stream, now_ms, put
from tests.unit.logs.conftest import Call


async def test_forward_token_is_stable_at_the_end_and_valid_later(call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    now = now_ms(clock)
    empty = await call("GetLogEvents", **NAMES, startFromHead=True)
    assert empty["events"] == []
    await put(call, (now, "one"), (now, "two"), (now + 1, "three"))
    page = await call("GetLogEvents", **NAMES, nextToken=empty["nextForwardToken"], limit=2)
    assert [event["message"] for event in page["events"]] == ["one", "two"]
    page = await call("GetLogEvents", **NAMES, nextToken=page["nextForwardToken"], limit=2)
    assert [event["message"] for event in page["events"]] == ["three"]
    token = page["nextForwardToken"]
    page = await call("GetLogEvents", **NAMES, nextToken=token)
    assert (page["events"], page["nextForwardToken"]) == ([], token)
    await put(call, (now + 1, "four"))
    page = await call("GetLogEvents", **NAMES, nextToken=token)
    assert [event["message"] for event in page["events"]] == ["four"]
    back = await call("GetLogEvents", **NAMES, nextToken=page["nextBackwardToken"])
    assert [event["message"] for event in back["events"]] == ["one", "two", "three"]
    first = await call("GetLogEvents", **NAMES, nextToken=back["nextBackwardToken"])
    assert (first["events"], first["nextBackwardToken"]) == ([], back["nextBackwardToken"])


async def test_get_defaults_to_the_latest_and_keeps_to_its_range(call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    now = now_ms(clock)
    await put(call, *((now + i, str(i)) for i in range(5)))
    latest = await call("GetLogEvents", **NAMES, limit=2)
    assert [event["message"] for event in latest["events"]] == ["3", "4"]
    ranged = await call("GetLogEvents", **NAMES, startTime=now + 1, endTime=now + 3, startFromHead=True)
    assert [event["message"] for event in ranged["events"]] == ["1", "2"]
    with pytest.raises(InvalidParameterException):
        await call("GetLogEvents", **NAMES, nextToken="nonsense")


async def test_put_rejects_what_is_too_old_or_too_new(call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    now = now_ms(clock)
    day = 86_400_000
    answer = await put(call, (now - 15 * day, "old"), (now - 15 * day + 1, "older"))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 2}
    answer = await put(call, (now, "good"), (now + 3 * 3_600_000, "new"))
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    for events in (
        [(now, "b"), (now - 1, "a")],
        [(now - 2 * day, "a"), (now, "b")],
        [(now, "x" * 1_048_576)],
    ):
        with pytest.raises(InvalidParameterException):
            await put(call, *events)
    assert len((await call("GetLogEvents", **NAMES))["events"]) == 1
    with pytest.raises(ResourceNotFoundException, match=r"The specified log stream does not exist\."):
        await put(call, (now, "x"), logStreamName="none")


async def test_a_page_holds_at_most_a_megabyte(call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    for i in range(3):
        await put(call, (now_ms(clock) + i, str(i) * 600_000))
    for operation in ("GetLogEvents", "FilterLogEvents"):
        request = dict(NAMES, startFromHead=True) if operation == "GetLogEvents" else {"logGroupName": GROUP}
        token, seen = None, []
        for _ in range(3):
            page = await call(operation, **request, nextToken=token)
            seen += [event["message"][0] for event in page["events"]]
            token = page.get("nextForwardToken") or page.get("nextToken")
        assert seen == ["0", "1", "2"], operation


async def test_what_long_events_cost_is_bounded_where_they_are_read(
    logs: LogsService, call: Call, clock: ManualClock
) -> None:
    import tracemalloc

    await call("CreateLogGroup", logGroupName=GROUP)
    for stream in range(4):
        await call("CreateLogStream", logGroupName=GROUP, logStreamName=f"s{stream}")
        for i in range(10):
            event = (now_ms(clock) + i, f"{stream}{i}" + "x" * 1_000_000)
            await put(call, event, logStreamName=f"s{stream}")
    tracemalloc.start()
    try:
        for from_head in (True, False):
            await call(
                "GetLogEvents", logGroupName=GROUP, logStreamName="s0", startFromHead=from_head, limit=10_000
            )
            await call("FilterLogEvents", logGroupName=GROUP, startFromHead=from_head)
            await call("FilterLogEvents", logGroupName=GROUP, startFromHead=from_head, filterPattern="none")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000, "40 MB are stored"
    # A search through more text than one call looks at goes on behind it.
    seen, token, calls = [], None, 0
    while token is not None or not calls:
        page = await call("FilterLogEvents", logGroupName=GROUP, filterPattern='"39x"', nextToken=token)
        seen += [event["message"][:2] for event in page["events"]]
        token, calls = page.get("nextToken"), calls + 1
    assert (seen, calls > 1) == (["39"], True)


def test_the_model_is_enforced_with_the_code_of_logs() -> None:
    operation = Catalog(["logs"]).service("logs").operation("GetLogEvents")
    request = {"logGroupName": GROUP, "logStreamName": "s", "limit": 10_001}
    with pytest.raises(
        ServiceError, match="1 validation error detected: Value '10001' at 'limit'"
    ) as refused:
        validate(operation, "json", request)
    assert refused.value.code == "InvalidParameterException"
