"""Invocations beyond the concurrency, where the operator lets them wait for room."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.unit.lambda_.conftest import ROOT, SCOPE, FakeEnvironments, FakeMetrics, Lambda, until

from sagehen.api.context import RequestContext
from sagehen.api.errors import ClientDeparted
from sagehen.concurrency.waiting_line import Patience
from sagehen.services.lambda_.errors import TooManyRequestsException


@pytest.fixture
def patience() -> Patience:
    return Patience(60.0, most=3)


@pytest.fixture
async def busy(lambda_: Lambda, environments: FakeEnvironments) -> asyncio.Task[Any]:
    """The one invocation that the function f may have at a time; it ends with the gate."""
    await lambda_.create()
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=1)
    environments.gate.clear()
    running = asyncio.create_task(lambda_.invoke(event="first"))
    await until(lambda: environments.started and environments.started[0].invocations)
    return running


def waiting(lambda_: Lambda) -> int:
    return lambda_.service._invocations.dispatch.waiting


async def test_they_run_one_after_the_other_in_order(
    lambda_: Lambda, environments: FakeEnvironments, metrics: FakeMetrics, busy: asyncio.Task[Any]
) -> None:
    tasks = []
    for number in range(3):
        tasks.append(asyncio.create_task(lambda_.reply("Invoke", FunctionName="f", Payload=b"%d" % number)))
        await until(lambda: waiting(lambda_) == len(tasks))
    with pytest.raises(TooManyRequestsException):  # the line is full
        await lambda_.invoke(event="too many")
    environments.gate.set()
    replies = await asyncio.gather(*tasks)
    await busy
    assert [json.loads(one.payload) for one in environments.started[0].invocations] == ["first", 0, 1, 2]
    assert len(environments.started) == 1
    # What AWS would not have done says so.
    assert all(reply.headers["x-sagehen-queued-ms"].isdigit() for reply in replies)
    assert not (await lambda_.reply("Invoke", FunctionName="f")).headers
    assert metrics.total("Throttles", FunctionName="f") == 1
    assert metrics.total("Invocations", FunctionName="f") == 5


async def test_the_wait_ends_with_its_time_and_with_its_client(
    lambda_: Lambda,
    environments: FakeEnvironments,
    metrics: FakeMetrics,
    busy: asyncio.Task[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = asyncio.Event()

    async def departed() -> None:
        await gone.wait()

    context = RequestContext("r", "lambda", "Invoke", SCOPE, ROOT, lambda_.clock.now(), departed=departed)
    invoke = lambda_.operations["Invoke"].handler(context, {"FunctionName": "f"})
    leaving = asyncio.ensure_future(invoke)
    await until(lambda: waiting(lambda_) == 1)
    gone.set()
    with pytest.raises(ClientDeparted):
        await leaving
    assert waiting(lambda_) == 0
    assert metrics.total("Throttles", FunctionName="f") == 0
    monkeypatch.setattr(lambda_.service._invocations.dispatch._excess, "_patience", Patience(0.001))
    with pytest.raises(TooManyRequestsException) as error:
        await lambda_.invoke()
    assert error.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert metrics.total("Throttles", FunctionName="f") == 1
    environments.gate.set()
    await busy
    assert len(environments.started[0].invocations) == 1


async def test_a_function_that_is_switched_off_is_throttled_at_once(lambda_: Lambda) -> None:
    await lambda_.create()
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    with pytest.raises(TooManyRequestsException):
        await lambda_.invoke()


async def test_queued_events_neither_wait_nor_overtake(
    lambda_: Lambda, environments: FakeEnvironments, busy: asyncio.Task[Any]
) -> None:
    task = asyncio.create_task(lambda_.invoke(event="waits"))
    await until(lambda: waiting(lambda_) == 1)
    await lambda_.send(event="queued")
    environments.gate.set()
    assert await task == "waits"
    [environment] = environments.started
    await until(lambda: len(environment.invocations) == 3)
    assert [json.loads(one.payload) for one in environment.invocations] == ["first", "waits", "queued"]
    await busy


async def test_what_waits_runs_what_the_function_is_by_then(
    lambda_: Lambda, environments: FakeEnvironments, busy: asyncio.Task[Any]
) -> None:
    environments.code = lambda function, event: function.timeout_s
    task = asyncio.create_task(lambda_.invoke())
    gone = asyncio.create_task(lambda_.invoke())
    await until(lambda: waiting(lambda_) == 2)
    await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=7)
    await lambda_.settled()
    # More room than there was: nobody has to end first.
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=2)
    await until(lambda: waiting(lambda_) == 1)
    environments.gate.set()
    assert [await task, await gone] == [7, 7]
    await busy


async def test_stopping_sends_them_away(
    lambda_: Lambda, environments: FakeEnvironments, busy: asyncio.Task[Any]
) -> None:
    task = asyncio.create_task(lambda_.invoke())
    await until(lambda: waiting(lambda_) == 1)
    await lambda_.service.stop()
    with pytest.raises(TooManyRequestsException):
        await task
    await asyncio.gather(busy, return_exceptions=True)
    assert not environments.alive
    await lambda_.service.start()
