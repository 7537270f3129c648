"""Asynchronous events: retries, ends, destinations, and what survives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.lambda_.conftest import (
    SCOPE,
    FakeEnvironment,
    FakeEnvironments,
    FakeMetrics,
    FakeRights,
    Lambda,
    until,
)

from sagehen.domain.clock import ManualClock
from sagehen.services.lambda_.execution.contract import Outcome
from sagehen.services.lambda_.payloads import PAYLOAD_BYTES
from sagehen.services.lambda_.service import LambdaService
from sagehen.store.database import Database

SINK = SCOPE.arn("lambda", "function:sink")


class Recorder:
    """Code of all functions: `f` fails so many times, everything is written down."""

    def __init__(self, environments: FakeEnvironments, failures: int = 0) -> None:
        self.seen: list[tuple[str, Any]] = []
        self.failures = failures
        environments.code = self.run

    def run(self, function: Any, event: Any) -> Any:
        self.seen.append((function.function_name, event))
        if function.function_name == "f" and self.failures:
            self.failures -= 1
            raise ValueError("not today")
        return {"answer": event}

    def of(self, name: str) -> list[Any]:
        return [event for function, event in self.seen if function == name]


def queued(database: Database) -> int:
    row = database.one("SELECT count(*) AS count FROM lambda_events")
    assert row is not None
    return int(row["count"])


async def test_a_failed_event_is_tried_three_times(
    lambda_: Lambda, environments: FakeEnvironments, clock: ManualClock, database: Database
) -> None:
    recorder = Recorder(environments, failures=9)
    await lambda_.create()
    await lambda_.send(event=5)
    await until(lambda: len(recorder.seen) == 1)
    for seconds, attempts in ((58, 1), (3, 2), (118, 2), (3, 3)):
        await until(lambda: not lambda_.service._queue._attempts)
        await clock.advance(seconds)
        if attempts > len(recorder.seen):
            await until(lambda count=attempts: len(recorder.seen) == count)
        assert len(recorder.seen) == attempts
    await until(lambda: queued(database) == 0)
    requests = {one.request_id for one in environments.started[0].invocations}
    assert len(requests) == 1


async def test_success_destination_gets_the_record(
    lambda_: Lambda, environments: FakeEnvironments, database: Database
) -> None:
    recorder = Recorder(environments)
    for name in ("f", "sink"):
        await lambda_.create(name)
    await lambda_(
        "PutFunctionEventInvokeConfig",
        FunctionName="f",
        DestinationConfig={"OnSuccess": {"Destination": SINK}},
    )
    await lambda_.send(event={"n": 1})
    record = (await until(lambda: recorder.of("sink")))[0]
    assert record["requestContext"] == {
        "requestId": record["requestContext"]["requestId"],
        "functionArn": SCOPE.arn("lambda", "function:f:$LATEST"),
        "condition": "Success",
        "approximateInvokeCount": 1,
    }
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert record["responsePayload"] == {"answer": {"n": 1}}
    await until(lambda: queued(database) == 0)


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b"[" * 5000 + b"]" * 5000, "[" * 5000 + "]" * 5000),  # deeper than anybody's parser goes
        (b"no JSON \xff", "no JSON \ufffd"),
        (b' {"a": 1.0} ', {"a": 1.0}),
    ],
    ids=["deep", "bytes", "document"],
)
async def test_whatever_a_function_answers_it_runs_once_and_the_record_tells_it(
    lambda_: Lambda,
    environments: FakeEnvironments,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    payload: bytes,
    shown: Any,
) -> None:
    recorder = Recorder(environments)
    for name in ("f", "sink"):
        await lambda_.create(name)
    destinations = {"OnSuccess": {"Destination": SINK}}
    await lambda_("PutFunctionEventInvokeConfig", FunctionName="f", DestinationConfig=destinations)
    invoke = FakeEnvironment.invoke

    async def answers(self: FakeEnvironment, invocation: Any) -> Outcome:
        outcome = await invoke(self, invocation)
        return replace(outcome, payload=payload) if self.function.function_name == "f" else outcome

    monkeypatch.setattr(FakeEnvironment, "invoke", answers)
    await lambda_.send(event=1)
    record = (await until(lambda: recorder.of("sink")))[0]
    assert (record["requestPayload"], record["responsePayload"]) == (1, shown)
    await until(lambda: queued(database) == 0)
    assert recorder.of("f") == [1]


async def test_a_record_that_is_larger_than_an_event_is_not_delivered(
    lambda_: Lambda, environments: FakeEnvironments, database: Database, metrics: FakeMetrics
) -> None:
    seen: list[str] = []

    def run(function: Any, event: Any) -> Any:
        seen.append(function.function_name)
        return "x" * PAYLOAD_BYTES["Event"]

    environments.code = run
    for name in ("f", "sink"):
        await lambda_.create(name)
    destinations = {"OnSuccess": {"Destination": SINK}}
    await lambda_("PutFunctionEventInvokeConfig", FunctionName="f", DestinationConfig=destinations)
    await lambda_.send(event=1)
    await until(lambda: metrics.total("DestinationDeliveryFailures", FunctionName="f") == 1)
    await until(lambda: queued(database) == 0)
    assert seen == ["f"]


async def test_exhausted_retries_go_to_the_failure_destination(
    lambda_: Lambda, environments: FakeEnvironments, metrics: FakeMetrics
) -> None:
    recorder = Recorder(environments, failures=1)
    for name in ("f", "sink"):
        await lambda_.create(name)
    await lambda_(
        "PutFunctionEventInvokeConfig",
        FunctionName="f",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": SINK}},
    )
    await lambda_.send(event=1)
    record = (await until(lambda: recorder.of("sink")))[0]
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert metrics.total("AsyncEventsDropped", FunctionName="f") == 1
    assert metrics.total("AsyncEventsReceived", FunctionName="f") == 1


async def test_reserved_zero_goes_straight_to_the_failure_destination(
    lambda_: Lambda, environments: FakeEnvironments
) -> None:
    recorder = Recorder(environments)
    for name in ("f", "sink"):
        await lambda_.create(name)
    await lambda_(
        "PutFunctionEventInvokeConfig",
        FunctionName="f",
        DestinationConfig={"OnFailure": {"Destination": SINK}},
    )
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    await lambda_.send(event=1)
    record = (await until(lambda: recorder.of("sink")))[0]
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in record
    assert recorder.of("f") == []


async def test_a_throttled_event_waits_and_then_ages_out(
    lambda_: Lambda, environments: FakeEnvironments, clock: ManualClock, database: Database
) -> None:
    recorder = Recorder(environments)
    await lambda_.create()
    environments.start_fails = True
    await lambda_("PutFunctionEventInvokeConfig", FunctionName="f", MaximumEventAgeInSeconds=60)
    await lambda_.send(event=1)
    for _ in range(8):
        await until(lambda: not lambda_.service._queue._attempts)
        await clock.advance(32)
    await until(lambda: queued(database) == 0)
    assert recorder.seen == []


async def test_a_destination_that_the_role_may_not_invoke(
    lambda_: Lambda, environments: FakeEnvironments, rights: FakeRights, metrics: FakeMetrics
) -> None:
    Recorder(environments)
    for name in ("f", "sink"):
        await lambda_.create(name)
    settings = {"FunctionName": "f", "DestinationConfig": {"OnSuccess": {"Destination": SINK}}}
    rights.refused.add(SINK)
    with pytest.raises(Exception, match="execution role does not have permissions to call Invoke on"):
        await lambda_("PutFunctionEventInvokeConfig", **settings)
    rights.refused.clear()
    await lambda_("PutFunctionEventInvokeConfig", **settings)
    rights.refused.add(SINK)
    await lambda_.send(event=1)
    await until(lambda: metrics.total("DestinationDeliveryFailures", FunctionName="f") == 1)


async def test_acknowledged_events_survive_the_platform(
    make_service: Callable[[], LambdaService],
    clock: ManualClock,
    environments: FakeEnvironments,
    database: Database,
) -> None:
    recorder = Recorder(environments)
    first = make_service()
    await first.start()
    caller = Lambda(first, clock, environments)
    await caller.create()
    environments.gate.clear()  # the attempt under way never ends in this life
    for number in range(3):
        await caller.send(event=number)
    await until(lambda: len(environments.started) == 3)
    await first.stop()
    assert queued(database) == 3
    environments.gate.set()
    second = make_service()
    await second.start()
    await until(lambda: queued(database) == 0)
    assert sorted(recorder.of("f")) == [0, 1, 2]
    await second.stop()


async def test_events_of_a_deleted_function_are_forgotten(
    lambda_: Lambda, environments: FakeEnvironments, clock: ManualClock, database: Database
) -> None:
    recorder = Recorder(environments, failures=1)
    await lambda_.create()
    await lambda_.send(event=1)
    await until(lambda: recorder.seen and not lambda_.service._queue._attempts)
    await lambda_("DeleteFunction", FunctionName="f")
    assert queued(database) == 0
    await lambda_.create()
    await clock.advance(120)
    assert len(recorder.seen) == 1


async def test_s3_events_come_through_the_queue(
    lambda_: Lambda, environments: FakeEnvironments, rights: FakeRights
) -> None:
    recorder = Recorder(environments)
    await lambda_.create("sink")
    notifier = lambda_.service.notifier
    assert notifier.accepts(SCOPE, "bucket", SINK)
    assert not notifier.accepts(SCOPE, "bucket", SCOPE.arn("lambda", "function:none"))
    await notifier.object_event(SCOPE, "bucket", SINK, {"eventName": "ObjectCreated:Put"})
    seen = (await until(lambda: recorder.of("sink")))[0]
    assert seen == {"Records": [{"eventName": "ObjectCreated:Put"}]}
    rights.refused.add(SINK)
    assert not notifier.accepts(SCOPE, "bucket", SINK)


@pytest.fixture
async def one_at_a_time(lambda_: Lambda, environments: FakeEnvironments) -> Recorder:
    """What is seen of `f`, which may run once at a time, and does not end before the gate is open."""
    recorder = Recorder(environments)
    await lambda_.create()
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=1)
    environments.gate.clear()
    return recorder


async def test_a_throttled_queue_drains_as_fast_as_its_concurrency_comes_free(
    lambda_: Lambda,
    environments: FakeEnvironments,
    metrics: FakeMetrics,
    database: Database,
    one_at_a_time: Recorder,
) -> None:
    await lambda_.send(event=0)
    await until(lambda: environments.started and environments.started[0].invocations)
    # One more, and only then the others: together several would be tried, and throttled.
    await lambda_.send(event=1)
    await until(lambda: metrics.total("Throttles", FunctionName="f") == 1)
    for number in range(2, 9):
        await lambda_.send(event=number)
    # The throttled one is in its place again: were it put there after the end of the first, it would wait a
    # second for an end that it had missed.
    await until(lambda: len(lambda_.service._queue._attempts) == 1)
    assert queued(database) == 9
    environments.gate.set()
    # Without a tick of the clock: each end lets the next one in, in their order. (Ten are as many as a
    # concurrency of 1 may have in one second.)
    await until(lambda: queued(database) == 0)
    assert one_at_a_time.of("f") == list(range(9))
    assert metrics.total("Throttles", FunctionName="f") == 1, "and none while it drains"


async def test_events_wait_for_concurrency_that_somebody_else_holds(
    lambda_: Lambda,
    environments: FakeEnvironments,
    metrics: FakeMetrics,
    clock: ManualClock,
    database: Database,
    one_at_a_time: Recorder,
) -> None:
    caller = asyncio.create_task(lambda_.reply("Invoke", FunctionName="f", Payload=b'"caller"'))
    await until(lambda: environments.started and environments.started[0].invocations)
    await lambda_.send(event=0)
    await until(lambda: metrics.total("Throttles", FunctionName="f") == 1)
    for number in range(1, 3):
        await lambda_.send(event=number)
    await until(lambda: not lambda_.service._queue._attempts)
    environments.gate.set()
    await caller
    await clock.advance(0.06)
    await until(lambda: queued(database) == 0)
    assert one_at_a_time.of("f") == ["caller", 0, 1, 2]
