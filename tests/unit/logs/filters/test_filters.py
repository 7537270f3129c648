"""Metric and subscription filters: what events become, also after a restart."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.logs.errors import InvalidParameterException, LimitExceededException
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.filters.metric import variety, watch
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database
from tests.unit.logs.conftest import SCOPE, Call, KeptMetrics

GROUP = "/app"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:sink"


class KeptEvents:
    """LogSubscribers that keep messages."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.refuses = False
        self.answers = asyncio.Event()
        self.answers.set()

    def accepts(self, scope: Scope, group: str, function_arn: str) -> bool:
        return function_arn == FUNCTION

    async def log_events(self, scope: Scope, group: str, function_arn: str, payload: bytes) -> None:
        if self.refuses:
            raise AccessDenied("no")
        data = base64.b64decode(json.loads(payload)["awslogs"]["data"])
        self.messages.append(json.loads(gzip.decompress(data)))
        await self.answers.wait()


@pytest.fixture
def functions(logs: LogsService) -> KeptEvents:
    logs.deliveries.functions = kept = KeptEvents()
    return kept


@pytest.fixture
async def put(call: Call, clock: ManualClock) -> Callable[..., Any]:
    await call("CreateLogGroup", logGroupName=GROUP)
    await call("CreateLogStream", logGroupName=GROUP, logStreamName="s")

    async def send(*messages: str) -> None:
        at_ms = int(clock.now().timestamp() * 1000)
        events = [{"timestamp": at_ms, "message": message} for message in messages]
        await call("PutLogEvents", logGroupName=GROUP, logStreamName="s", logEvents=events)

    return send


async def until(what: Callable[[], Any]) -> Any:
    async with asyncio.timeout(60):
        while not (found := what()):
            await asyncio.sleep(0.002)
    return found


def metric(**more: Any) -> dict[str, Any]:
    transformation = {"metricName": "M", "metricNamespace": "N", "metricValue": "1", **more}
    return {"logGroupName": GROUP, "filterName": "f", "metricTransformations": [transformation]}


async def test_each_match_is_a_datum(call: Call, put: Any, metrics: KeptMetrics) -> None:
    await call("PutMetricFilter", filterPattern="ERROR", **metric(unit="Count"))
    await put("ERROR a", "fine", "ERROR b")
    await until(lambda: len(metrics.values) == 2)
    assert {(space, one.name, one.value, one.unit) for space, one, _ in metrics.values} == {
        ("N", "M", 1.0, "Count")
    }


async def test_values_and_dimensions_come_from_fields(call: Call, put: Any, metrics: KeptMetrics) -> None:
    wanted = metric(metricValue="$.ms", dimensions={"Path": "$.path"})
    await call("PutMetricFilter", filterPattern="{ $.ms = * }", **wanted)
    await put('{"ms": 12, "path": "/a"}', '{"ms": "no number", "path": "/a"}', '{"ms": 3}', '{"path": "/"}')
    await put('{"ms": "7", "path": "/b"}')
    await until(lambda: len(metrics.values) == 2)
    assert [(one.value, one.dimensions) for _, one, _ in metrics.values] == [
        (12.0, {"Path": "/a"}),
        (7.0, {"Path": "/b"}),
    ]


async def test_a_default_for_minutes_without_a_match(
    call: Call, put: Any, metrics: KeptMetrics, clock: ManualClock, database: Database
) -> None:
    await call("PutMetricFilter", filterPattern="[a, bytes]", **metric(metricValue="$bytes", defaultValue=0))
    await put("one two three", "four five six")
    await until(lambda: metrics.values)
    await put("x 5", "one two three")
    await until(lambda: len(metrics.values) == 2)
    await put("seven eight nine")  # of the same minute
    await until(lambda: not database.all("SELECT * FROM log_outbox"))
    assert [one.value for _, one, _ in metrics.values] == [0.0, 5.0]
    await clock.advance(60)
    await put("one two three")
    await until(lambda: len(metrics.values) == 3)
    assert metrics.values[-1][1].value == 0.0


async def test_five_patterns_of_a_group_have_regular_expressions(
    call: Call, put: Any, functions: KeptEvents
) -> None:
    for number in range(4):
        await call("PutMetricFilter", filterPattern=f"%a{number}%", **{**metric(), "filterName": str(number)})
    await call("PutSubscriptionFilter", **SUBSCRIPTION | {"filterPattern": "[a = %b+%]"})
    with pytest.raises(LimitExceededException):
        await call("PutMetricFilter", filterPattern="{ $.a = %c% }", **metric())
    await call("PutMetricFilter", filterPattern="%a9%", **{**metric(), "filterName": "3"})
    await call("PutMetricFilter", filterPattern='"50% or 60%"', **metric())


@pytest.mark.parametrize(
    ("pattern", "change", "text"),
    [
        ("{", {}, "Invalid filter pattern"),
        ("x", {"metricValue": "$.a"}, "is no field of the filter pattern"),
        ("x", {"metricValue": "many"}, "is neither a number nor a field"),
        ("x", {"metricNamespace": "AWS/X"}, "are reserved"),
        (
            "{ $.a = 1 }",
            {"dimensions": {"D": "$.a"}, "defaultValue": 0},
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
        ),
        ("{ $.a = 1 }", {"dimensions": {str(n): "$.a" for n in range(4)}}, "at most 3 dimensions"),
        ("x", {"dimensions": {"D": "$.a"}}, "is no field"),
    ],
)
async def test_refused(call: Call, put: Any, pattern: str, change: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidParameterException) as error:
        await call("PutMetricFilter", filterPattern=pattern, **metric(**change))
    assert text in error.value.message


async def test_metric_filters_are_described_counted_and_deleted(call: Call, put: Any) -> None:
    await call("PutMetricFilter", filterPattern="x", **metric())
    await call("PutMetricFilter", filterPattern="y", **metric())
    [found] = (await call("DescribeMetricFilters", logGroupName=GROUP))["metricFilters"]
    assert (found["filterPattern"], found["metricTransformations"][0]["unit"]) == ("y", "None")
    by_metric = await call("DescribeMetricFilters", metricName="M", metricNamespace="N")
    assert len(by_metric["metricFilters"]) == 1
    assert (await call("DescribeLogGroups"))["logGroups"][0]["metricFilterCount"] == 1
    await call("DeleteMetricFilter", logGroupName=GROUP, filterName="f")
    assert (await call("DescribeMetricFilters"))["metricFilters"] == []


async def test_pages_of_metric_filters(call: Call, put: Any) -> None:
    await call("CreateLogGroup", logGroupName="/other")
    for group, name, named in (
        (GROUP, "a1", "M"),
        (GROUP, "a2", "O"),
        (GROUP, "b", "M"),
        ("/other", "a3", "M"),
    ):
        await call(
            "PutMetricFilter",
            filterPattern="x",
            **{**metric(metricName=named), "logGroupName": group, "filterName": name},
        )

    async def names(**more: Any) -> list[str]:
        found: list[str] = []
        token = None
        while token is not None or not found:
            page = await call("DescribeMetricFilters", limit=1, nextToken=token, **more)
            assert len(page["metricFilters"]) == 1
            found.append(page["metricFilters"][0]["filterName"])
            if (token := page.get("nextToken")) is None:
                break
        return found

    assert await names() == ["a1", "a2", "b", "a3"]
    assert await names(logGroupName=GROUP) == ["a1", "a2", "b"]
    assert await names(filterNamePrefix="a") == ["a1", "a2", "a3"]
    assert await names(metricName="M", metricNamespace="N") == ["a1", "b", "a3"]
    with pytest.raises(InvalidParameterException):
        await call("DescribeMetricFilters", nextToken="x")


async def test_at_most_a_hundred(call: Call, put: Any) -> None:
    for number in range(100):
        await call("PutMetricFilter", filterPattern="x", **{**metric(), "filterName": str(number)})
    with pytest.raises(LimitExceededException):
        await call("PutMetricFilter", filterPattern="x", **metric())
    await call("PutMetricFilter", filterPattern="z", **{**metric(), "filterName": "7"})


SUBSCRIPTION = {
    "logGroupName": GROUP,
    "filterName": "to-sink",
    "filterPattern": "ERROR",
    "destinationArn": FUNCTION,
}


async def test_matching_events_go_to_the_function(
    call: Call, put: Any, functions: KeptEvents, metrics: KeptMetrics
) -> None:
    await call("PutSubscriptionFilter", **SUBSCRIPTION)
    await put("fine", "ERROR a", "ERROR é")
    [message] = await until(lambda: functions.messages)
    events = message.pop("logEvents")
    assert message == {
        "messageType": "DATA_MESSAGE",
        "owner": SCOPE.account_id,
        "logGroup": GROUP,
        "logStream": "s",
        "subscriptionFilters": ["to-sink"],
    }
    assert [event["message"] for event in events] == ["ERROR a", "ERROR é"]
    found = await call("FilterLogEvents", logGroupName=GROUP, filterPattern="ERROR")
    assert [event["id"] for event in events] == [event["eventId"] for event in found["events"]]
    told = {one.name: one.value for space, one, _ in metrics.values if space == "AWS/Logs"}
    assert told["ForwardedLogEvents"] == 2.0


async def test_large_batches_are_parted(call: Call, put: Any, functions: KeptEvents) -> None:
    await call("PutSubscriptionFilter", **SUBSCRIPTION | {"filterPattern": ""})
    await put(*(str(number) * 200_000 for number in range(5)))
    await until(lambda: sum(len(one["logEvents"]) for one in functions.messages) == 5)
    assert [len(one["logEvents"]) for one in functions.messages] == [3, 2]


async def test_what_comes_close_together_goes_together(call: Call, put: Any, functions: KeptEvents) -> None:
    await call("PutSubscriptionFilter", **SUBSCRIPTION)
    functions.answers.clear()
    await put("ERROR that the function is busy with")
    await until(lambda: functions.messages)
    for number in range(5):
        await put(f"ERROR {number}")
    functions.answers.set()
    await until(lambda: sum(len(one["logEvents"]) for one in functions.messages) == 6)
    assert [len(one["logEvents"]) for one in functions.messages] == [1, 5]


async def test_lines_of_the_platform_itself_too(
    call: Call, put: Any, logs: LogsService, functions: KeptEvents
) -> None:
    await call("PutSubscriptionFilter", **SUBSCRIPTION)
    logs.sink.write(SCOPE, GROUP, "other", [(1, "ERROR from a function")])
    [message] = await until(lambda: functions.messages)
    assert message["logStream"] == "other"


async def test_what_the_function_refuses_is_counted(
    call: Call, put: Any, functions: KeptEvents, metrics: KeptMetrics
) -> None:
    await call("PutSubscriptionFilter", **SUBSCRIPTION)
    functions.refuses = True
    await put("ERROR lost")
    await until(lambda: [one for _, one, _ in metrics.values if one.name == "DeliveryErrors"])
    functions.refuses = False
    await put("ERROR kept")
    [message] = await until(lambda: functions.messages)
    assert message["logEvents"][0]["message"] == "ERROR kept"


async def test_what_was_acknowledged_is_delivered_in_a_later_life(
    call: Call,
    put: Any,
    logs: LogsService,
    functions: KeptEvents,
    database: Database,
    clock: ManualClock,
    ids: Ids,
) -> None:
    await call("PutSubscriptionFilter", **SUBSCRIPTION)
    await logs.stop()
    await put("ERROR while nobody forwards")
    later = LogsService(database=database, clock=clock, ids=ids, metrics=KeptMetrics(), logged=KeptMetrics())
    later.deliveries.functions = functions
    await later.start()
    try:
        [message] = await until(lambda: functions.messages)
    finally:
        await later.stop()
    assert message["logEvents"][0]["message"] == "ERROR while nobody forwards"
    assert database.all("SELECT * FROM log_outbox", ()) == []


async def test_two_subscriptions_a_group(call: Call, put: Any, functions: KeptEvents) -> None:
    for name in "ab":
        await call("PutSubscriptionFilter", **SUBSCRIPTION | {"filterName": name})
    with pytest.raises(LimitExceededException) as error:
        await call("PutSubscriptionFilter", **SUBSCRIPTION)
    assert error.value.message == "Resource limit exceeded."
    await call("DeleteSubscriptionFilter", logGroupName=GROUP, filterName="a")
    await call("PutSubscriptionFilter", **SUBSCRIPTION)
    found = await call("DescribeSubscriptionFilters", logGroupName=GROUP)
    assert [one["filterName"] for one in found["subscriptionFilters"]] == ["b", "to-sink"]
    await call("DeleteLogGroup", logGroupName=GROUP)
    await call("CreateLogGroup", logGroupName=GROUP)
    assert (await call("DescribeSubscriptionFilters", logGroupName=GROUP))["subscriptionFilters"] == []


async def test_what_deleted_streams_left_in_the_outbox_is_swept(call: Call, database: Database) -> None:
    await call("CreateLogGroup", logGroupName="g")
    await call("CreateLogStream", logGroupName="g", logStreamName="s")
    [stream] = database.all("SELECT id, group_id FROM log_streams WHERE name = 's'")
    row = "INSERT INTO log_outbox VALUES (NULL, ?, ?, 0, 0, 1, 1)"
    for stream_id in (*range(10_000, 10_600), stream["id"]):
        await database.execute(row, (stream["group_id"], stream_id))
    await Outbox(database).sweep()
    assert [r["stream_id"] for r in database.all("SELECT stream_id FROM log_outbox")] == [stream["id"]]


async def test_what_fails_is_told_and_holds_up_nothing(
    call: Call,
    put: Any,
    metrics: KeptMetrics,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = watch.datum

    def failing(transformation: Any, found: Any) -> Any:
        if found.value("$.a") == "bad":
            raise RecursionError("a fault of ours")
        return real(transformation, found)

    monkeypatch.setattr(watch, "datum", failing)
    await call("PutMetricFilter", filterPattern="{ $.a = * }", **metric())
    await put('{"a": "bad"}')
    await until(lambda: "1 events of /app s were not shown to Publishing" in caplog.text)
    await put('{"a": "good"}')
    await until(lambda: len(metrics.values) == 1)
    await until(lambda: database.all("SELECT * FROM log_outbox") == [])
    assert caplog.text.count("were not shown to Publishing") == 1


async def test_dimensions_that_cloudwatch_does_not_take_are_not_published(
    call: Call, put: Any, metrics: KeptMetrics
) -> None:
    fields = metric(metricValue="$.v", dimensions={"Host": "$.host"})
    await call("PutMetricFilter", filterPattern="{ $.v = * }", **fields)
    hosts = ["é", "\\ud800", "\\u0001", " ", "b"]
    await put(*(f'{{"v": 1, "host": "{host}"}}' for host in hosts))
    await until(lambda: metrics.values)
    assert [value.dimensions for _, value, _ in metrics.values] == [{"Host": "b"}]


async def test_a_filter_makes_so_many_dimensions_and_no_more(
    call: Call,
    put: Any,
    metrics: KeptMetrics,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(watch, "_MOST_DIMENSIONS", 3)
    fields = metric(metricValue="$.v", dimensions={"Host": "$.host"})
    await call("PutMetricFilter", filterPattern="{ $.v = * }", **fields)
    await put(*(f'{{"v": {number}, "host": "{host}"}}' for number, host in enumerate("abcdab")))
    await until(lambda: len(metrics.values) >= 5)
    assert [(value.dimensions["Host"], value.value) for _, value, _ in metrics.values] == [
        ("a", 0.0), ("b", 1.0), ("c", 2.0), ("a", 4.0), ("b", 5.0),
    ]  # fmt: skip
    assert "has made 3 dimensions: it makes no further ones" in caplog.text


EMBEDDED = (
    '{"_aws": {"Timestamp": %d, "CloudWatchMetrics": [{"Namespace": "App", "Dimensions": [["op"]],'
    ' "Metrics": [{"Name": "ms", "Unit": "Milliseconds"}]}]}, "op": "read", "ms": [1, 2]}'
)


async def test_embedded_metrics_need_no_filter(
    call: Call, put: Any, metrics: KeptMetrics, clock: ManualClock, logs: LogsService
) -> None:
    embedded = EMBEDDED % (clock.now().timestamp() * 1000)
    await put("a line", embedded, embedded.replace("[1, 2]", '"many"'), embedded[:-1])
    stream = "2026/01/01/[$LATEST]" + "0" * 32
    logs.sink.write(SCOPE, "mine", stream, [(1, f"INFO\t{embedded}")])
    await until(lambda: len(metrics.values) == 6)
    assert [(space, one.name, one.value, one.unit, one.dimensions) for space, one, _ in metrics.values] == [
        ("App", "ms", 1.0, "Milliseconds", {"op": "read"}),
        ("App", "ms", 2.0, "Milliseconds", {"op": "read"}),
        ("AWS/Logs", "EMFValidationErrors", 1.0, "None", {"LogGroupName": GROUP}),
        ("AWS/Logs", "EMFParsingErrors", 1.0, "None", {"LogGroupName": GROUP}),
        ("App", "ms", 1.0, "Milliseconds", {"op": "read"}),
        ("App", "ms", 2.0, "Milliseconds", {"op": "read"}),
    ]


async def test_a_group_makes_so_many_metrics_and_no_more(
    call: Call, put: Any, metrics: KeptMetrics, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variety, "MOST_METRICS", 2)
    embedded = EMBEDDED % (clock.now().timestamp() * 1000)
    await put(*(embedded.replace("read", name) for name in ("a", "b", "c", "a")))
    await until(lambda: len(metrics.values) == 7)
    made = [value.dimensions for space, value, _ in metrics.values if space == "App"]
    assert made == [{"op": name} for name in "aabbaa"]
    assert [value.name for space, value, _ in metrics.values if space != "App"] == ["EMFValidationErrors"]


async def test_groups_of_other_classes_have_no_embedded_metrics(
    call: Call, put: Any, metrics: KeptMetrics, clock: ManualClock, database: Database
) -> None:
    rare = {"logGroupName": "rare", "logStreamName": "s"}
    await call("CreateLogGroup", logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    await call("CreateLogStream", **rare)
    at_ms = int(clock.now().timestamp() * 1000)
    events = [{"timestamp": at_ms, "message": EMBEDDED % at_ms}]
    await call("PutLogEvents", **rare, logEvents=events)
    await until(lambda: database.all("SELECT * FROM log_outbox") == [])
    assert metrics.values == []


async def test_what_is_shown_again_is_counted_once(
    call: Call, put: Any, metrics: KeptMetrics, logs: LogsService, database: Database, clock: ManualClock
) -> None:
    # As after a `kill -9` between the data's commit and the outbox's: its rows are there once more.
    await call("PutMetricFilter", filterPattern="ERROR", **metric())
    await put("ERROR a", EMBEDDED % (clock.now().timestamp() * 1000))
    [row] = database.all("SELECT * FROM log_outbox")
    await until(lambda: len(metrics.values) == 3)
    await until(lambda: database.all("SELECT * FROM log_outbox") == [])
    await database.execute(f"INSERT INTO log_outbox VALUES ({', '.join('?' * len(tuple(row)))})", tuple(row))
    await put("ERROR b")
    await until(lambda: len(metrics.values) == 4)
    await until(lambda: database.all("SELECT * FROM log_outbox") == [])
    assert len(metrics.values) == 4
