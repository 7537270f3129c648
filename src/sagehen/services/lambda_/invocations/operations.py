"""Invoke: synchronous, asynchronous and dry runs."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

from sagehen.api.bounded.json_text import require_json
from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    InvalidRequestContentException,
)
from sagehen.services.lambda_.invocations.accepting import Accepting
from sagehen.services.lambda_.invocations.runner import FunctionRunner
from sagehen.services.lambda_.invocations.streaming import StreamedAnswer, Streaming
from sagehen.services.lambda_.names import on_function, reference_of
from sagehen.services.lambda_.payloads import check_payload, error_type

# Documented: botocore's model, "Up to 3,583 bytes of base64-encoded data". The text is from memory.
_CLIENT_CONTEXT_BYTES = 3583


class Invocations:
    """Invoke, InvokeWithResponseStream.

    Args:
        runner: Runs synchronous invocations.
        streaming: Runs those whose answer may come in pieces.
        queue: Takes asynchronous ones.
    """

    def __init__(self, runner: FunctionRunner, streaming: Streaming, queue: Accepting) -> None:
        self._runner = runner
        self._streaming = streaming
        self._queue = queue

    @operation("Invoke", access=on_function("InvokeFunction"))
    async def invoke(self, context: RequestContext, request: Request) -> Reply | Request:
        """Invoke a function, version or alias.

        Raises:
            ResourceNotFoundException, TooManyRequestsException, RequestEntityTooLargeException,
            InvalidRequestContentException, InvalidParameterValueException.
        """
        _refuse_unbuilt(request)
        kind = request.get("InvocationType") or "RequestResponse"
        payload: bytes = request.get("Payload") or b""
        await check_payload(payload, kind)
        reference = reference_of(context, request)
        client_context = _checked_client_context(request.get("ClientContext"))
        if kind == "DryRun":
            self._runner.resolve(reference)
            # Documented: 204 of a dry run, 202 of an event, 200 else, also where the function failed.
            return Reply({}, status=204)
        # From memory: a function invoked with nothing gets an empty object.
        payload = payload or b"{}"
        if kind == "Event":
            self._runner.resolve(reference)
            trace_header = context.headers.get("x-amzn-trace-id")
            await self._queue.accept(reference, context.request_id, payload, client_context, trace_header)
            return Reply({}, status=202)
        with_log = request.get("LogType") == "Tail"
        answer = await self._runner.run(
            reference,
            context.request_id,
            payload,
            client_context,
            context.headers.get("x-amzn-trace-id"),
            departed=context.departed,
            until_end=with_log,
        )
        shown = _shown(answer.outcome, answer.executed_version, with_log=with_log)
        return shown if answer.queued_s is None else Reply(shown, headers=_queued(answer.queued_s))

    @operation("InvokeWithResponseStream", access=on_function("InvokeFunction"))
    async def invoke_with_response_stream(self, context: RequestContext, request: Request) -> Request:
        """Invoke, and answer piece by piece: what a function returns as a whole comes when it is whole.

        Raises:
            As Invoke.
        """
        _refuse_unbuilt(request)
        payload: bytes = request.get("Payload") or b""
        await check_payload(payload, "RequestResponse")
        reference = reference_of(context, request)
        client_context = _checked_client_context(request.get("ClientContext"))
        if request.get("InvocationType") == "DryRun":
            self._runner.resolve(reference)
            return {"StatusCode": 204, "EventStream": _nothing()}
        answer = await self._streaming.start(
            reference,
            context.request_id,
            payload or b"{}",
            client_context,
            context.headers.get("x-amzn-trace-id"),
            context.departed,
        )
        return {
            "StatusCode": 200,
            "ExecutedVersion": answer.executed_version,
            "ResponseStreamContentType": "application/vnd.amazon.eventstream",
            "EventStream": _events(answer, with_log=request.get("LogType") == "Tail"),
        }


def _queued(seconds: float) -> dict[str, str]:
    """Return the header that tells what AWS would not have done: it would have throttled."""
    return {"x-sagehen-queued-ms": f"{seconds * 1000:.0f}"}


def _refuse_unbuilt(request: Request) -> None:
    if request.get("DurableExecutionName") or request.get("TenantId"):
        raise NotImplementedOperation(
            "Durable executions and tenant isolation of functions are not implemented."
        )


async def _events(answer: StreamedAnswer, *, with_log: bool) -> AsyncIterator[Request]:
    async for piece in answer.pieces:
        yield {"PayloadChunk": {"Payload": piece}}
    outcome = (await asyncio.shield(answer.end)).outcome
    end: Request = {}
    if outcome.function_error:
        document = outcome.payload.decode("utf-8", "replace")
        end = {"ErrorCode": error_type(outcome.payload), "ErrorDetails": document}
    if with_log:
        end["LogResult"] = base64.b64encode(outcome.log_tail.encode()).decode()
    yield {"InvokeComplete": end}


async def _nothing() -> AsyncIterator[Request]:
    yield {"InvokeComplete": {}}


def _shown(outcome: Any, executed_version: str, *, with_log: bool) -> Request:
    shown: Request = {
        "StatusCode": 200,
        "Payload": outcome.payload,
        "ExecutedVersion": executed_version,
        "FunctionError": outcome.function_error,
    }
    if with_log:
        shown["LogResult"] = base64.b64encode(outcome.log_tail.encode()).decode()
    return shown


def _checked_client_context(encoded: str | None) -> str | None:
    """Return the client context as the Runtime API hands it on: JSON text.

    Raises:
        InvalidParameterValueException, InvalidRequestContentException.
    """
    if not encoded:
        return None
    if len(encoded) > _CLIENT_CONTEXT_BYTES:
        raise InvalidParameterValueException(
            f"Client context must be no more than {_CLIENT_CONTEXT_BYTES} bytes when base64-encoded."
        )
    try:
        text = base64.b64decode(encoded, validate=True)
        require_json(text)
        return text.decode()
    except ValueError:  # NotJson is one
        raise InvalidRequestContentException(
            "Client context must be a valid Base64-encoded JSON object."
        ) from None
