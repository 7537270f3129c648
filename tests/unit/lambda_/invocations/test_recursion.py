"""Functions that call themselves, each run handing on what it found, as AWS's SDKs do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.lambda_.conftest import SCOPE, FakeEnvironments, FakeMetrics, Lambda, until

from sagehen.services.lambda_.errors import RecursiveInvocationException, ResourceNotFoundException
from sagehen.services.lambda_.execution.contract import Invocation


@pytest.fixture
def seen(environments: FakeEnvironments, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Trace headers, in the order in which functions saw them."""
    headers: list[str | None] = []
    start = environments.start

    async def noted(*args: Any) -> Any:
        environment = await start(*args)
        invoke = environment.invoke

        async def noting(invocation: Invocation) -> Any:
            headers.append(invocation.trace_id)
            return await invoke(invocation)

        monkeypatch.setattr(environment, "invoke", noting)
        return environment

    monkeypatch.setattr(environments, "start", noted)
    return headers


async def _again(lambda_: Lambda, header: str | None, name: str = "f", **request: Any) -> None:
    await lambda_(
        "Invoke", headers={"x-amzn-trace-id": header} if header else {}, FunctionName=name, **request
    )


async def test_the_seventeenth_is_stopped_unless_it_is_allowed(
    lambda_: Lambda, seen: list[str | None], metrics: FakeMetrics
) -> None:
    await lambda_.create()
    await lambda_.create("g")
    for _ in range(16):
        await _again(lambda_, seen[-1] if seen else None)
    with pytest.raises(RecursiveInvocationException) as stopped:
        await _again(lambda_, seen[-1])
    assert (stopped.value.status, len(seen)) == (400, 16)
    assert metrics.total("RecursiveInvocationsDropped", FunctionName="f") == 1
    assert metrics.total("Invocations", FunctionName="f") == 16
    await _again(lambda_, seen[-1], "g")  # another function has not run in this chain
    await _again(lambda_, None)  # nor has this one in another
    assert await lambda_("GetFunctionRecursionConfig", FunctionName="f") == {"RecursiveLoop": "Terminate"}
    await lambda_("PutFunctionRecursionConfig", FunctionName="f", RecursiveLoop="Allow")
    assert await lambda_("GetFunctionRecursionConfig", FunctionName="f") == {"RecursiveLoop": "Allow"}
    await _again(lambda_, seen[15])
    await lambda_("DeleteFunction", FunctionName="f")
    await lambda_.create()
    assert await lambda_("GetFunctionRecursionConfig", FunctionName="f") == {"RecursiveLoop": "Terminate"}
    for name in ("Put", "Get"):
        with pytest.raises(ResourceNotFoundException):
            await lambda_(f"{name}FunctionRecursionConfig", FunctionName="nobody", RecursiveLoop="Allow")


async def test_an_event_in_a_loop_goes_where_failures_go(
    lambda_: Lambda, seen: list[str | None], environments: FakeEnvironments, metrics: FakeMetrics
) -> None:
    await lambda_.create()
    arn = (await lambda_.create("notes"))["FunctionArn"]
    told: list[Any] = []

    def note(function: Any, event: Any) -> None:
        if function.function_name == "notes":
            told.append(event)

    environments.code = note
    await lambda_(
        "PutFunctionEventInvokeConfig",
        FunctionName="f",
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    for number in range(1, 17):
        header = seen[-1] if seen else None
        await _again(lambda_, header, InvocationType="Event", Payload=json.dumps(number).encode())
        await until(lambda number=number: len(seen) == number)  # type: ignore[misc]
    await _again(lambda_, seen[-1], InvocationType="Event", Payload=b"17")
    await until(lambda: told)
    context = told[0]["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"], told[0]["requestPayload"]) == (
        "RecursiveInvocation", 0, 17,
    )  # fmt: skip
    assert metrics.total("RecursiveInvocationsDropped", FunctionName="f") == 1
    assert metrics.total("AsyncEventsDropped", FunctionName="f") == 1


async def test_destinations_that_lead_back_end(
    lambda_: Lambda, seen: list[str | None], environments: FakeEnvironments, metrics: FakeMetrics
) -> None:
    environments.code = lambda function, event: None
    for name in ("ping", "pong"):
        await lambda_.create(name)
    for name, to in (("ping", "pong"), ("pong", "ping")):
        destination = (await lambda_("GetFunctionConfiguration", FunctionName=to))["FunctionArn"]
        await lambda_(
            "PutFunctionEventInvokeConfig",
            FunctionName=name,
            DestinationConfig={"OnSuccess": {"Destination": destination}},
        )
    await _again(lambda_, None, "ping", InvocationType="Event", Payload=b"1")
    await until(lambda: metrics.total("RecursiveInvocationsDropped", FunctionName="ping"))
    assert len(seen) == 32


async def test_a_bucket_hands_the_chain_on(
    lambda_: Lambda, seen: list[str | None], metrics: FakeMetrics
) -> None:
    arn = (await lambda_.create())["FunctionArn"]
    for number in range(1, 18):
        header = seen[-1] if seen else None
        await lambda_.service.notifier.object_event(SCOPE, "b", arn, {"n": number}, header)
        await until(lambda number=number: len(seen) == min(number, 16))  # type: ignore[misc]
    await until(lambda: metrics.total("RecursiveInvocationsDropped", FunctionName="f"))
    assert len(seen) == 16
