"""InvokeEndpoint's own part: headers both ways, limits, and which failure becomes which error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.errors import ModelError, ServiceUnavailable, ValidationError
from sagehen.services.sagemaker_runtime.service import SageMakerRuntimeService
from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.directory import EndpointDirectory, ServedEndpoint
from sagehen.serving.errors import (
    InvocationTimeout,
    NoHealthyReplica,
    NoSuchVariant,
    Overloaded,
    ReplicaLost,
    SessionElsewhere,
    SessionLost,
    SessionRefused,
    TooManySessions,
)
from sagehen.serving.router import Router

SCOPE = Scope("111122223333", "eu-west-1")


class FakeRouter(Router):
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, outcome: Any) -> None:
        super().__init__(Ids())
        self.outcome = outcome
        self.asked: list[tuple[Mapping[str, str], bytes, str | None]] = []

    async def invoke(
        self, headers: Mapping[str, str], body: bytes, target_variant: str | None = None
    ) -> tuple[str, ReplicaResponse]:
        self.asked.append((headers, body, target_variant))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return "AllTraffic", self.outcome

    async def invoke_session(
        self, session_id: str, headers: Mapping[str, str], body: bytes, target_variant: str | None = None
    ) -> tuple[str, ReplicaResponse]:
        assert headers["x-amzn-sagemaker-session-id"] == session_id
        return await self.invoke(headers, body, target_variant)

    async def invoke_stream(
        self, headers: Mapping[str, str], body: Any, target_variant: str | None = None, attempt: Any = None
    ) -> tuple[str, Any]:
        return "AllTraffic", self.outcome


class EndlessError:
    """An answer of status 500 whose text does not end."""

    head = ReplicaResponse(500, {}, b"")
    closed = False

    async def parts(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b"x" * 1000

    def close(self) -> None:
        self.closed = True


class Metrics:
    def record(self, scope: Scope, namespace: str, values: Any, at: Any = None) -> None: ...


class Stream:
    """A body that arrives in parts."""

    def __init__(self, parts: list[bytes], length: int | None) -> None:
        self.parts = parts
        self.length = length
        self.was_read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part

    async def read(self, limit: int) -> bytes:
        self.was_read = True
        return b"".join(self.parts)

    def trailers(self) -> dict[str, str]:
        return {}


async def invoke(
    outcome: Any, *, operation_name: str = "InvokeEndpoint", **request: Any
) -> tuple[Any, FakeRouter]:
    directory = EndpointDirectory()
    router = FakeRouter(outcome or ReplicaResponse(200, {}, b""))
    directory.publish(SCOPE, ServedEndpoint("Mixed-Case", "InService", router if outcome else None))
    service = SageMakerRuntimeService(
        directory=directory, clock=SystemClock(), ids=Ids(), metrics=Metrics(), body_limit_bytes=10
    )
    (operation,) = [op for op in service.services[0].operations() if op.name == operation_name]
    principal = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)
    context = RequestContext("r", "sagemaker-runtime", "InvokeEndpoint", SCOPE, principal, datetime.now(UTC))
    request = {"EndpointName": "Mixed-Case", "Body": b"", **request}
    (access,) = operation.accesses(context, request)
    assert access.action == "sagemaker:InvokeEndpoint"
    assert (
        access.resource
        == f"arn:aws:sagemaker:eu-west-1:111122223333:endpoint/{request['EndpointName'].lower()}"
    )
    answer = await operation.handler(context, request)
    if isinstance(answer, Reply):
        assert set(answer.headers) == {"x-sagehen-model-ms", "x-sagehen-overhead-ms"}
        assert all(float(value) >= 0 for value in answer.headers.values())
        return answer.result, router
    return answer, router


async def test_headers_both_ways() -> None:
    answer = ReplicaResponse(
        200, {"content-type": "text/csv", "x-amzn-sagemaker-custom-attributes": "out"}, b"1,2"
    )
    result, router = await invoke(
        answer, Body=b"in", ContentType="text/plain", Accept="text/csv", CustomAttributes="attributes",
        InferenceId="id-1", TargetVariant="AllTraffic",
    )  # fmt: skip
    assert result == {
        "Body": b"1,2",
        "ContentType": "text/csv",
        "InvokedProductionVariant": "AllTraffic",
        "CustomAttributes": "out",
    }
    assert router.asked == [
        (
            {
                "content-type": "text/plain",
                "accept": "text/csv",
                "x-amzn-sagemaker-custom-attributes": "attributes",
                "x-amzn-sagemaker-inference-id": "id-1",
            },
            b"in",
            "AllTraffic",
        )
    ]


async def test_bodies_stream_in_and_are_limited() -> None:
    answer = ReplicaResponse(200, {}, b"")
    _, router = await invoke(answer, Body=Stream([b"a", b"b"], None))
    assert router.asked[0][1] == b"ab"
    announced = Stream([b""], 11)
    for body in (b"x" * 11, announced):
        with pytest.raises(ValidationError, match="length less than or equal to 10"):
            await invoke(answer, Body=body)
    assert not announced.was_read


async def test_endpoints_that_do_not_serve_are_not_found() -> None:
    for name in ("Mixed-Case", "nobody"):
        with pytest.raises(ValidationError, match=f"^Endpoint {name} of account 111122223333 not found.$"):
            await invoke(None, EndpointName=name)


async def test_headers_of_other_kinds_of_endpoints_are_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        await invoke(ReplicaResponse(200), TargetModel="m.tar.gz")
    assert refused.value.message == (
        "Endpoint Mixed-Case is not a multi-model endpoint and does not support target model header."
    )
    for member in ("TargetContainerHostname", "InferenceComponentName", "EnableExplanations"):
        with pytest.raises(ValidationError):
            await invoke(ReplicaResponse(200), **{member: "x"})


async def test_sessions_are_told_as_the_container_put_them_and_only_to_who_asked() -> None:
    headers = {
        "x-amzn-sagemaker-new-session-id": "a-1; Expires=2030-01-01T00:00:00Z",
        "x-amzn-sagemaker-closed-session-id": "a-0",
    }
    result, router = await invoke(ReplicaResponse(200, headers), SessionId="NEW_SESSION")
    assert result["NewSessionId"] == "a-1; Expires=2030-01-01T00:00:00Z"
    assert result["ClosedSessionId"] == "a-0"
    assert router.asked[0][0] == {"x-amzn-sagemaker-session-id": "NEW_SESSION"}
    result, router = await invoke(ReplicaResponse(200, headers))
    assert not {"NewSessionId", "ClosedSessionId"} & result.keys()
    assert router.asked[0][0] == {}
    # A container that knows no sessions: what it answers is answered.
    result, _ = await invoke(ReplicaResponse(200, {}, b"ok"), SessionId="NEW_SESSION")
    assert result["Body"] == b"ok" and "NewSessionId" not in result


@pytest.mark.parametrize(
    ("failure", "error", "text"),
    [
        (SessionLost("a-1"), ValidationError, "Session a-1 not found for endpoint Mixed-Case"),
        (
            SessionElsewhere("a-1", "blue"),
            ValidationError,
            "held by variant blue, not by target variant green",
        ),
        (SessionRefused("no date"), ModelError, "Invalid session header: no date"),
        (TooManySessions("too many"), ServiceUnavailable, "too many"),
    ],
)
async def test_failures_of_sessions(failure: Exception, error: type[Any], text: str) -> None:
    with pytest.raises(error) as raised:
        await invoke(failure, SessionId="a-1", TargetVariant="green")
    assert text in raised.value.message


@pytest.mark.parametrize(
    ("failure", "error", "text"),
    [
        (NoSuchVariant("green"), ValidationError, "Variant green not found"),
        (NoHealthyReplica("none"), ServiceUnavailable, "none"),
        (Overloaded("full"), ServiceUnavailable, "full"),
        (InvocationTimeout("late"), ModelError, "Your invocation timed out while waiting"),
        (ReplicaLost("gone"), ModelError, "Received server error (0) from primary"),
    ],
)
async def test_failures_become_awss_errors(failure: Exception, error: type[Any], text: str) -> None:
    with pytest.raises(error) as raised:
        await invoke(failure)
    assert text in raised.value.message
    if error is ModelError:
        assert raised.value.members["OriginalStatusCode"] == 0


async def test_an_error_whose_text_does_not_end_is_told_as_far_as_it_matters() -> None:
    error = EndlessError()
    with pytest.raises(ModelError) as raised:
        await asyncio.wait_for(
            invoke(error, operation_name="InvokeEndpointWithResponseStream"), 30
        )  # its time is 60
    assert raised.value.members["OriginalStatusCode"] == 500
    assert len(raised.value.members["OriginalMessage"]) <= 64 * 1024
    assert error.closed


async def test_client_errors_of_the_container_are_told_apart() -> None:
    with pytest.raises(ModelError) as raised:
        await invoke(ReplicaResponse(415, {}, b"unsupported"))
    assert raised.value.message.startswith(
        'Received client error (415) from primary with message "unsupported".'
    )
    assert raised.value.members == {
        "OriginalStatusCode": 415,
        "OriginalMessage": "unsupported",
        "LogStreamArn": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/Endpoints/Mixed-Case",
    }
