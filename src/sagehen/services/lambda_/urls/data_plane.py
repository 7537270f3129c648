"""UrlDataPlane: the way of a request to a function URL, in order.

URL -> preflight -> signature -> rights -> event -> function -> answer -> CORS -> metrics
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import orjson

from sagehen.api.errors import ServiceError
from sagehen.api.streams import StreamBroken, Streamed
from sagehen.domain.access import Access, AccessDenied, request_conditions
from sagehen.domain.identity import ANONYMOUS, Principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.services.lambda_.errors import TooManyRequestsException
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.invocations.runner import FunctionRunner
from sagehen.services.lambda_.invocations.streaming import StreamedAnswer, Streaming
from sagehen.services.lambda_.payloads import PAYLOAD_BYTES
from sagehen.services.lambda_.urls import cors
from sagehen.services.lambda_.urls.event import event_of
from sagehen.services.lambda_.urls.messages import UrlAnswer, UrlRequest, failed, refusal
from sagehen.services.lambda_.urls.prelude import CONTENT_TYPE, read_prelude
from sagehen.services.lambda_.urls.records import UrlConfig, UrlRecords
from sagehen.services.lambda_.urls.response import Malformed, answer_of

_log = logging.getLogger(__name__)

# Recorded in November 2025.
_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
# Events and answers up to so much are written and read where they are.
_INLINE_BYTES = 64 * 1024


class UrlDataPlane:
    """Answers requests to function URLs; what the front door hands over."""

    def __init__(
        self,
        *,
        urls: UrlRecords,
        runner: FunctionRunner,
        streaming: Streaming,
        authorizer: Authorizer,
        metrics: InvocationMetrics,
        ids: Ids,
    ) -> None:
        self._urls = urls
        self._runner = runner
        self._streaming = streaming
        self._authorizer = authorizer
        self._metrics = metrics
        self._ids = ids

    async def answer(self, request: UrlRequest) -> UrlAnswer:
        """Answer a request. Raises nothing but for what nobody foresaw."""
        began = time.perf_counter()
        config = self._urls.by_id(request.url_id)
        if config is None or request.region not in ("", config.reference.scope.region):
            # Recorded: a URL that is not there is as closed as one that is.
            return refusal(403, None, "AccessDeniedException")
        trace = request.header("x-amzn-trace-id") or self._new_trace(request)
        if config.cors is not None and cors.is_preflight(request):
            answer = cors.preflight(config.cors, request)
        else:
            answer = await self._performed(config, request, trace)
            answer.headers = cors.applied(config.cors, request, answer.headers)
        answer.headers += [("x-amzn-RequestId", request.request_id), ("X-Amzn-Trace-Id", trace)]
        self._metrics.url_answered(config.reference, answer.status, (time.perf_counter() - began) * 1000)
        return answer

    def _new_trace(self, request: UrlRequest) -> str:
        return f"Root=1-{int(request.received_at.timestamp()):08x}-{self._ids.hex(24)}"

    async def _performed(self, config: UrlConfig, request: UrlRequest, trace: str) -> UrlAnswer:
        if request.oversized:  # first: what was not read as a whole proves no signature
            return _too_large()
        principal = ANONYMOUS
        if config.auth_type == "AWS_IAM":
            if request.signature is None:
                return refusal(403, _FORBIDDEN, "AccessDeniedException")
            if request.signature.principal is None:
                return _unproved(request.signature.code, request.signature.message)
            if request.signature.region != config.reference.scope.region:  # recorded of other services
                text = "Credential should be scoped to a valid region."
                return _unproved("InvalidSignatureException", text)
            principal = request.signature.principal
        try:
            self._authorize(config, request, principal)
        except AccessDenied:
            return refusal(403, _FORBIDDEN, "AccessDeniedException")
        if len(request.body) <= _INLINE_BYTES:
            payload = _payload(config, request, trace)
        else:
            payload = await asyncio.to_thread(_payload, config, request, trace)
        if len(payload) > PAYLOAD_BYTES["RequestResponse"]:
            return _too_large()
        try:
            return await (self._streamed if config.streams else self._buffered)(
                config, request, payload, trace
            )
        except TooManyRequestsException as error:
            return _throttled(error)
        except ServiceError as error:  # not active, or no environment could be started
            _log.warning("function URL of %s: %s", config.reference.arn, error.message)
            return refusal(error.status or 500, "Internal Server Error", error.code)

    def _authorize(self, config: UrlConfig, request: UrlRequest, principal: Principal) -> None:
        """Ask for both rights that it takes since October 2025.

        https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html

        Raises:
            AccessDenied
        """
        arn = config.reference.arn
        environment = request_conditions(
            at=request.received_at,
            source_ip=request.source_ip,
            secure=request.secure,
            region=config.reference.scope.region,
            user_agent=request.header("user-agent"),
            referer=request.header("referer"),
        )
        for access in (
            Access(
                "lambda:InvokeFunctionUrl",
                arn,
                {
                    "lambda:FunctionUrlAuthType": config.auth_type,
                    "lambda:FunctionArn": config.reference.unqualified_arn,
                },
            ),
            Access("lambda:InvokeFunction", arn, {"lambda:InvokedViaFunctionUrl": "true"}),
        ):
            self._authorizer.authorize(principal, access, environment)

    async def _buffered(
        self, config: UrlConfig, request: UrlRequest, payload: bytes, trace: str
    ) -> UrlAnswer:
        answer = await self._runner.run(
            config.reference, request.request_id, payload, None, _followed(trace), departed=request.departed
        )
        if answer.outcome.function_error:
            return failed()
        content = answer.outcome.payload
        if len(content) <= _INLINE_BYTES:
            return answer_of(content)
        return await asyncio.to_thread(answer_of, content)

    async def _streamed(
        self, config: UrlConfig, request: UrlRequest, payload: bytes, trace: str
    ) -> UrlAnswer:
        answer = await self._streaming.start(
            config.reference, request.request_id, payload, None, _followed(trace), request.departed
        )
        if answer.content_type is None:  # the function answers as a whole: it comes as it is (recorded)
            outcome = (await asyncio.shield(answer.end)).outcome
            if outcome.function_error:
                return failed()
            return UrlAnswer(200, [("Content-Type", "application/json")], outcome.payload)
        if answer.content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
            return UrlAnswer(200, [("Content-Type", answer.content_type)], Streamed(_body(b"", answer)))
        try:
            status, headers, first = await read_prelude(answer.pieces)
        except Malformed:
            return failed()
        return UrlAnswer(status, headers, Streamed(_body(first, answer)))


def _followed(trace_header: str) -> str:
    """Return a trace header without what counts the runs of functions: AWS follows no loop through a URL."""
    return ";".join(part for part in trace_header.split(";") if not part.strip().startswith("Lineage="))


def _payload(config: UrlConfig, request: UrlRequest, trace: str) -> bytes:
    return orjson.dumps(event_of(config, request, trace))


async def _body(first: bytes, answer: StreamedAnswer) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for piece in answer.pieces:
        yield piece
    if (await asyncio.shield(answer.end)).outcome.function_error:
        raise StreamBroken  # too late for a status: the client sees that it is not whole


def _unproved(code: str, message: str) -> UrlAnswer:
    # From memory: as Lambda's API refuses a signature, in lower case.
    body = orjson.dumps({"message": message})
    return UrlAnswer(403, [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)], body)


def _too_large() -> UrlAnswer:
    limit = PAYLOAD_BYTES["RequestResponse"]
    text = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
    return refusal(413, text, "RequestEntityTooLargeException")


def _throttled(error: TooManyRequestsException) -> UrlAnswer:
    body = {"Reason": error.reason, "Type": "User", "message": error.message}
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", "TooManyRequestsException")]
    return UrlAnswer(429, [*headers, *error.headers.items()], orjson.dumps(body))
