"""The way of a request to a function URL; functions, rights and streams are canned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.signature import Signature
from sagehen.api.streams import StreamBroken, Streamed
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.identity import ANONYMOUS, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.services.lambda_.errors import EnvironmentStartException, TooManyRequestsException
from sagehen.services.lambda_.execution.contract import Outcome
from sagehen.services.lambda_.invocations.runner import Answer
from sagehen.services.lambda_.invocations.streaming import StreamedAnswer
from sagehen.services.lambda_.urls.data_plane import UrlDataPlane
from sagehen.services.lambda_.urls.messages import UrlAnswer, UrlRequest
from sagehen.services.lambda_.urls.prelude import CONTENT_TYPE
from sagehen.services.lambda_.urls.records import UrlConfig

from .making import CONFIG, ID, request

ANN = Principal(PrincipalKind.USER, "arn:aws:iam::123456789012:user/ann", "123456789012")


class Plane:
    """A data plane and all that is around it."""

    def __init__(self) -> None:
        self.config: UrlConfig | None = CONFIG
        self.refused: set[str] = set()
        self.asked: list[tuple[str, Access]] = []
        self.invoked: list[tuple[Any, ...]] = []
        self.counted: list[int] = []
        self.fault: Exception | None = None
        self.payload, self.error = b"1", None
        self.content_type: str | None = None
        self.pieces: list[bytes] = []
        self.plane = UrlDataPlane(
            urls=self,  # type: ignore[arg-type]
            runner=self,  # type: ignore[arg-type]
            streaming=self,  # type: ignore[arg-type]
            authorizer=self,  # type: ignore[arg-type]
            metrics=self,  # type: ignore[arg-type]
            ids=Ids(),
        )

    async def __call__(self, asked: UrlRequest) -> UrlAnswer:
        return await self.plane.answer(asked)

    def by_id(self, url_id: str) -> UrlConfig | None:
        return self.config if url_id == ID else None

    def authorize(self, principal: Principal, access: Access, environment: Any) -> None:
        self.asked.append((principal.arn, access))
        if access.action in self.refused:
            raise AccessDenied("no")

    def url_answered(self, reference: Any, status: int, latency_ms: float) -> None:
        assert latency_ms >= 0
        self.counted.append(status)

    async def run(self, *invocation: Any, **_: Any) -> Answer:
        self.invoked.append(invocation)
        if self.fault:
            raise self.fault
        return Answer(Outcome(self.payload, self.error, 1.0, 1, 30), "$LATEST")

    async def start(self, *invocation: Any) -> StreamedAnswer:
        ending = asyncio.create_task(self.run(*invocation))
        if self.fault:
            await ending

        async def pieces() -> AsyncIterator[bytes]:
            for piece in self.pieces:
                yield piece

        return StreamedAnswer(pieces(), ending, "$LATEST", self.content_type)


@pytest.fixture
def plane() -> Plane:
    return Plane()


async def _read(answer: UrlAnswer) -> bytes:
    if isinstance(answer.body, Streamed):
        return b"".join([piece async for piece in answer.body.chunks])
    assert isinstance(answer.body, bytes)
    return answer.body


@pytest.mark.parametrize("asked", [request(url_id="0" * 32), request(region="us-east-1")])
async def test_a_url_that_is_not_there_is_as_closed_as_one_that_is(plane: Plane, asked: UrlRequest) -> None:
    answer = await plane(asked)
    assert (answer.status, answer.body) == (403, b'{"Message":null}')
    assert ("x-amzn-ErrorType", "AccessDeniedException") in answer.headers
    assert (plane.invoked, plane.counted) == ([], [])


async def test_a_public_url_asks_for_both_rights_in_nobodys_name(plane: Plane) -> None:
    answer = await plane(request(signature=Signature(ANN)))  # a signature proves nothing to it
    assert (answer.status, answer.body, plane.counted) == (200, b"1", [200])
    assert dict(answer.headers)["x-amzn-RequestId"] == "request-1"
    assert [(who, access.action, access.resource) for who, access in plane.asked] == [
        (ANONYMOUS.arn, "lambda:InvokeFunctionUrl", CONFIG.reference.arn),
        (ANONYMOUS.arn, "lambda:InvokeFunction", CONFIG.reference.arn),
    ]
    assert plane.asked[0][1].conditions["lambda:FunctionUrlAuthType"] == "NONE"
    assert plane.asked[1][1].conditions == {"lambda:InvokedViaFunctionUrl": "true"}
    reference, request_id, *_ = plane.invoked[0]
    assert (reference, request_id) == (CONFIG.reference, "request-1")


@pytest.mark.parametrize("action", ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"])
async def test_one_right_is_not_enough(plane: Plane, action: str) -> None:
    plane.refused = {action}
    answer = await plane(request())
    assert answer.status == 403 and b'{"Message":"Forbidden. For troubleshooting' in answer.body  # type: ignore[operator]
    assert (plane.invoked, plane.counted) == ([], [403])


@pytest.mark.parametrize(
    ("signature", "status", "error"),
    [
        (None, 403, "AccessDeniedException"),
        (Signature(None, "InvalidSignatureException", "wrong"), 403, "InvalidSignatureException"),
        (Signature(ANN, region="us-east-1"), 403, "InvalidSignatureException"),
        (Signature(ANN, region="eu-west-1"), 200, None),
    ],
)
async def test_a_url_with_iam(
    plane: Plane, signature: Signature | None, status: int, error: str | None
) -> None:
    plane.config = replace(CONFIG, auth_type="AWS_IAM")
    answer = await plane(request(signature=signature))
    assert (answer.status, dict(answer.headers).get("x-amzn-ErrorType")) == (status, error)
    assert bool(plane.invoked) is (status == 200)
    if status == 200:
        assert {who for who, _ in plane.asked} == {ANN.arn}


async def test_preflights_ask_nobody(plane: Plane) -> None:
    question = request(("origin", "https://a"), ("access-control-request-method", "GET"), method="OPTIONS")
    await plane(question)
    assert len(plane.invoked) == 1  # nothing is configured: it is for the function
    plane.config = replace(CONFIG, auth_type="AWS_IAM", cors={"AllowOrigins": ["*"], "AllowMethods": ["*"]})
    answer = await plane(question)
    assert dict(answer.headers)["Access-Control-Allow-Origin"] == "*"
    assert len(plane.invoked) == 1
    refused = await plane(request(("origin", "https://a")))  # a page may read that it is refused
    assert (refused.status, dict(refused.headers)["Access-Control-Allow-Origin"]) == (403, "*")


@pytest.mark.parametrize("mode", ["BUFFERED", "RESPONSE_STREAM"])
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (TooManyRequestsException("ReservedFunctionConcurrentInvocationLimitExceeded"), 429),
        (EnvironmentStartException("no sandbox"), 500),
    ],
)
async def test_what_lambda_refuses(plane: Plane, mode: str, fault: Exception, status: int) -> None:
    plane.config, plane.fault = replace(CONFIG, invoke_mode=mode), fault
    answer = await plane(request())
    assert (answer.status, plane.counted) == (status, [status])
    assert b"no sandbox" not in await _read(answer)


async def test_what_is_too_large_is_refused(plane: Plane) -> None:
    for asked in (request(oversized=True), request(body=bytes(5 * 1024 * 1024))):  # base64 makes it grow
        answer = await plane(asked)
        assert answer.status == 413 and b"smaller than 6291456 bytes" in await _read(answer)
    # Its signature covers what was not read.
    plane.config = replace(CONFIG, auth_type="AWS_IAM")
    wrong = Signature(None, "InvalidSignatureException", "wrong")
    assert (await plane(request(oversized=True, signature=wrong))).status == 413
    assert plane.invoked == []


@pytest.mark.parametrize("mode", ["BUFFERED", "RESPONSE_STREAM"])
async def test_a_function_that_fails_is_a_bad_gateway(plane: Plane, mode: str) -> None:
    plane.config, plane.error = replace(CONFIG, invoke_mode=mode), "Unhandled"  # type: ignore[assignment]
    answer = await plane(request())
    assert (answer.status, answer.body) == (502, b"Internal Server Error")


@pytest.mark.parametrize(
    ("content_type", "pieces", "status", "told", "body"),
    [
        ("text/event-stream", [b"a", b"b"], 200, "text/event-stream", b"ab"),
        (
            CONTENT_TYPE,
            [b'{"statusCode":201,"headers":{"Content-Type":"x/y"}}', bytes(8), b"a"],
            201,
            "x/y",
            b"a",
        ),
        (CONTENT_TYPE, [b"no prelude"], 502, "application/json", b"Internal Server Error"),
        # A function that does not stream answers as it does to Invoke: nothing is made of it (recorded).
        (None, [], 200, "application/json", b'{"statusCode":201}'),
    ],
)
async def test_streams(
    plane: Plane, content_type: str | None, pieces: list[bytes], status: int, told: str, body: bytes
) -> None:
    plane.config = replace(CONFIG, invoke_mode="RESPONSE_STREAM")
    plane.content_type, plane.pieces, plane.payload = content_type, pieces, b'{"statusCode":201}'
    answer = await plane(request())
    assert (answer.status, dict(answer.headers)["Content-Type"]) == (status, told)
    assert await _read(answer) == body


async def test_a_stream_that_breaks_is_not_whole(plane: Plane) -> None:
    plane.config = replace(CONFIG, invoke_mode="RESPONSE_STREAM")
    plane.content_type, plane.pieces, plane.error = "text/plain", [b"half"], "Unhandled"  # type: ignore[assignment]
    answer = await plane(request())
    assert isinstance(answer.body, Streamed)
    assert await anext(answer.body.chunks) == b"half"
    with pytest.raises(StreamBroken):
        await anext(answer.body.chunks)
