"""Groups, streams, events, retention, the sink."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.api.operation import BoundOperation
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import ANONYMOUS
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.validation.validate import validate
from sagehen.services.logs.errors import (
    InvalidParameterException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.events.quota import StreamQuota
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.events.sink import BufferedLogSink
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database
from tests.unit.logs.conftest import SCOPE, Call, KeptMetrics

GROUP, STREAM = "/aws/sagemaker/TrainingJobs", "job/algo-1-1"
NAMES = {"logGroupName": GROUP, "logStreamName": STREAM}


def now_ms(clock: ManualClock) -> int:
    return int(clock.now().timestamp() * 1000)


async def make_stream(call: Call) -> None:
    await call("CreateLogGroup", logGroupName=GROUP)
    await call("CreateLogStream", **NAMES)


async def put(call: Call, *events: tuple[int, str], **names: str) -> dict[str, Any]:
    return await call(
        "PutLogEvents",
        **(NAMES | names),
        logEvents=[{"timestamp": at, "message": message} for at, message in events],
    )


async def test_group_life(call: Call) -> None:
    await call("CreateLogGroup", logGroupName=GROUP, tags={"team": "a"})
    with pytest.raises(ResourceAlreadyExistsException, match="The specified log group already exists"):
        await call("CreateLogGroup", logGroupName=GROUP)
    await call("CreateLogGroup", logGroupName="other")
    [group] = (await call("DescribeLogGroups", logGroupNamePrefix="/aws"))["logGroups"]
    assert group["arn"] == f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}:*"
    assert group["storedBytes"] == 0
    found = await call("DescribeLogGroups", logGroupNamePattern="th")
    assert [group["logGroupName"] for group in found["logGroups"]] == ["other"]
    arn = group["logGroupArn"]
    await call("TagResource", resourceArn=arn, tags={"b": "2"})
    await call("UntagResource", resourceArn=arn, tagKeys=["team"])
    assert (await call("ListTagsForResource", resourceArn=arn))["tags"] == {"b": "2"}
    assert (await call("ListTagsLogGroup", logGroupName=GROUP))["tags"] == {"b": "2"}
    await call("DeleteLogGroup", logGroupName=GROUP)
    with pytest.raises(ResourceNotFoundException, match=r"The specified log group does not exist\."):
        await call("DescribeLogStreams", logGroupName=GROUP)


async def test_a_key_that_would_encrypt_nothing_is_refused(call: Call) -> None:
    with pytest.raises(NotImplementedOperation, match="kmsKeyId"):
        await call("CreateLogGroup", logGroupName=GROUP, kmsKeyId="arn:aws:kms:us-east-1:111122223333:key/k")
    assert (await call("DescribeLogGroups"))["logGroups"] == []


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


async def test_retention_really_expires(logs: LogsService, call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    await put(call, (now_ms(clock), "old"))
    await clock.advance(2 * 86_400)
    await put(call, (now_ms(clock), "young"))
    with pytest.raises(InvalidParameterException):
        await call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=2)
    await call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=1)
    await logs.expiry.sweep()
    page = await call("GetLogEvents", **NAMES)
    assert [event["message"] for event in page["events"]] == ["young"]
    [group] = (await call("DescribeLogGroups"))["logGroups"]
    assert (group["retentionInDays"], group["storedBytes"]) == (1, len("young") + 26)
    await call("DeleteRetentionPolicy", logGroupName=GROUP)
    assert "retentionInDays" not in {
        key for key, value in (await call("DescribeLogGroups"))["logGroups"][0].items() if value is not None
    }


async def test_events_of_a_deleted_group_are_swept(
    logs: LogsService, call: Call, clock: ManualClock, database: Database
) -> None:
    await make_stream(call)
    await put(call, (now_ms(clock), "x"))
    await call("DeleteLogGroup", logGroupName=GROUP)
    await make_stream(call)
    assert (await call("GetLogEvents", **NAMES))["events"] == []
    await logs.expiry.sweep()
    assert database.all("SELECT * FROM log_events") == []
    assert database.all("SELECT * FROM log_garbage") == []


async def test_sink_lines_become_readable_by_themselves(
    logs: LogsService, call: Call, clock: ManualClock
) -> None:
    logs.sink.write(SCOPE, GROUP, STREAM, [(now_ms(clock), "hello"), (now_ms(clock), "")])
    async with asyncio.timeout(60):
        while not (await call("DescribeLogGroups"))["logGroups"]:
            await asyncio.sleep(0.005)
    assert [event["message"] for event in (await call("GetLogEvents", **NAMES))["events"]] == ["hello"]


async def test_sink_keeps_order_across_flushes_and_restarts(
    database: Database, clock: ManualClock, ids: Ids
) -> None:
    for life in range(2):
        service = LogsService(database=database, clock=clock, ids=ids, metrics=KeptMetrics())
        await service.start()
        for i in range(50):
            service.sink.write(SCOPE, GROUP, STREAM, [(now_ms(clock), f"{life}-{i}")])
            if i % 10 == 0:
                await service.sink.flush()
        await service.stop()
    messages = [row["message"] for row in database.all("SELECT message FROM log_events")]
    assert messages == [f"{life}-{i}" for life in range(2) for i in range(50)]


async def test_sink_keeps_every_line_of_a_flood(logs: LogsService, database: Database) -> None:
    line = "epoch 1 step 1000 train_loss=0.1234 " + "x" * 60
    for i in range(20_000):
        logs.sink.write(SCOPE, GROUP, f"s{i % 4}", [(i, line)])
        if i % 1000 == 0:
            await asyncio.sleep(0)
    await logs.sink.flush()
    row = database.one("SELECT count(*) AS n FROM log_events")
    assert row is not None and row["n"] == 20_000


async def test_a_full_buffer_says_what_it_lost(
    database: Database, logs: LogsService, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    sink = BufferedLogSink(database, EventRecords(database, Outbox(database)), clock, capacity_bytes=1900)
    sink.start()
    for _ in range(12):
        sink.write(SCOPE, GROUP, STREAM, [(now_ms(clock), "0123456789")])
    await sink.flush()
    await asyncio.wait_for(sink.ready(), 1)
    await sink.stop()
    messages = [row["message"] for row in database.all("SELECT message FROM log_events")]
    assert messages[:10] == ["0123456789"] * 10
    assert "2 lines were lost" in messages[10]
    assert "2 lines" in caplog.text


def test_access_names_the_stream(logs: LogsService, clock: ManualClock) -> None:
    bound: dict[str, BoundOperation] = {b.name: b for b in logs.services[0].operations()}

    def accesses(operation: str, **request: Any) -> list[tuple[str, str]]:
        context = RequestContext("r", "logs", operation, Scope("1" * 12, "eu-west-1"), ANONYMOUS, clock.now())
        return [(a.action, a.resource) for a in bound[operation].accesses(context, request)]

    root = "arn:aws:logs:eu-west-1:111111111111:log-group:g"
    assert accesses("PutLogEvents", logGroupName="g", logStreamName="s") == [
        ("logs:PutLogEvents", f"{root}:log-stream:s")
    ]
    assert accesses("FilterLogEvents", logGroupIdentifier=f"{root}:*") == [
        ("logs:FilterLogEvents", f"{root}:log-stream:")
    ]
    assert accesses("CreateLogGroup", logGroupName="g", tags={"a": "b"}) == [
        ("logs:CreateLogGroup", f"{root}:log-stream:"),
        ("logs:TagResource", root),
    ]
    assert accesses("TagResource", resourceArn=root, tags={"a": "b"}) == [("logs:TagResource", root)]


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


async def test_a_stream_over_its_quota_says_what_was_left_out(
    database: Database, logs: LogsService, clock: ManualClock
) -> None:
    quota = StreamQuota[Any](burst_bytes=360, bytes_per_s=0)
    sink = BufferedLogSink(database, EventRecords(database, Outbox(database)), clock, quota=quota)
    sink.start()
    for stream in ("loud", "quiet"):
        for _ in range(12 if stream == "loud" else 2):
            sink.write(SCOPE, GROUP, stream, [(now_ms(clock), "0123456789")])
    await sink.flush()
    await sink.stop()
    messages = [row["message"] for row in database.all("SELECT message FROM log_events")]
    assert messages.count("0123456789") == 12
    [tale] = [message for message in messages if message != "0123456789"]
    assert tale.startswith("sagehen: 2 lines (0.0 MB) were left out here")


def test_a_quota_fills_again_and_is_bounded_itself() -> None:
    quota = StreamQuota[int](burst_bytes=100, bytes_per_s=10)
    assert [quota.takes(1, 60, now) for now in (0.0, 0.0, 2.0, 2.0, 100.0, 100.0)] == [
        True, False, True, False, True, False
    ]  # fmt: skip
    for stream in range(10_000):
        quota.takes(stream, 1, 200.0)
    assert len(quota._buckets) <= 4096


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


def test_the_model_is_enforced_with_the_code_of_logs() -> None:
    operation = Catalog(["logs"]).service("logs").operation("GetLogEvents")
    request = {"logGroupName": GROUP, "logStreamName": "s", "limit": 10_001}
    with pytest.raises(
        ServiceError, match="1 validation error detected: Value '10001' at 'limit'"
    ) as refused:
        validate(operation, "json", request)
    assert refused.value.code == "InvalidParameterException"


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


async def test_pages_of_groups_hold_each_once(call: Call) -> None:
    named = ["/a", "/a/x", "/a/xy", "/b", "/b/é"]
    for name in reversed(named):
        group_class = "INFREQUENT_ACCESS" if name == "/b" else "STANDARD"
        await call("CreateLogGroup", logGroupName=name, logGroupClass=group_class)

    async def names(**more: Any) -> list[str]:
        found: list[str] = []
        while True:
            page = await call("DescribeLogGroups", limit=2, **more)
            assert len(page["logGroups"]) <= 2
            found += [one["logGroupName"] for one in page["logGroups"]]
            if (token := page.get("nextToken")) is None:
                return found
            more["nextToken"] = token

    assert await names() == named
    assert await names(logGroupNamePrefix="/a") == ["/a", "/a/x", "/a/xy"]
    assert await names(logGroupNamePattern="x") == ["/a/x", "/a/xy"]
    assert await names(logGroupClass="STANDARD") == ["/a", "/a/x", "/a/xy", "/b/é"]
    assert await names(logGroupIdentifiers=["/b", "/a", "/none"]) == ["/a", "/b"]
    with pytest.raises(InvalidParameterException):
        await call("DescribeLogGroups", nextToken="x")


@pytest.mark.parametrize(("bound", "most"), [("BYTES", 1000), ("LINES", 10)])
async def test_the_sink_stores_a_flood_in_several_transactions(
    logs: LogsService, call: Call, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    stored: list[int] = []
    append = EventRecords.append

    def counted(self: EventRecords, tx: Any, batch: Any, now_ms: int) -> None:
        stored.append(sum(len(message) for events in batch.values() for _, message in events))
        append(self, tx, batch, now_ms)

    monkeypatch.setattr(EventRecords, "append", counted)
    monkeypatch.setattr(f"sagehen.services.logs.events.sink._BATCH_{bound}", most)
    logs.sink.write(SCOPE, GROUP, STREAM, [(i, f"{i:0100d}") for i in range(50)])
    logs.sink.write(SCOPE, GROUP, "other", [(0, "y")])
    await logs.sink.flush()
    assert max(stored) <= 1001 and sum(stored) == 5001
    assert stored[0] == 1000 and stored[1] % 100 == 1, "the other stream waits for one transaction alone"
    events = (await call("GetLogEvents", **NAMES, startFromHead=True))["events"]
    assert [int(event["message"]) for event in events] == list(range(50))


async def test_a_line_that_utf_8_cannot_hold_holds_up_no_other(logs: LogsService, call: Call) -> None:
    logs.sink.write(SCOPE, GROUP, STREAM, [(1, "file \udcff"), (2, "\ud800"), (3, "é")])
    await logs.sink.flush()
    events = (await call("GetLogEvents", **NAMES, startFromHead=True))["events"]
    assert [event["message"] for event in events] == ["file ?", "?", "é"]
