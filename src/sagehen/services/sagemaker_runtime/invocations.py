"""InvokeEndpoint: a request goes to one instance of an endpoint, and its answer comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.api.operation import Reply, Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.timeouts import timeout_at
from sagehen.modelserver.sessions.headers import (
    CLOSED_SESSION_ID,
    NEW_SESSION_ID,
    SESSION_ID,
)
from sagehen.services.sagemaker_runtime.bodies import whole_body
from sagehen.services.sagemaker_runtime.capture.tap import Taps
from sagehen.services.sagemaker_runtime.error_text import text_of_error
from sagehen.services.sagemaker_runtime.errors import ModelStreamError
from sagehen.services.sagemaker_runtime.invocation_metrics import InvocationMetrics
from sagehen.services.sagemaker_runtime.invoked import Invoked, find
from sagehen.services.sagemaker_runtime.model_error import BROKEN_OFF, TIMED_OUT, model_error
from sagehen.services.sagemaker_runtime.shadows import Shadows
from sagehen.serving.connection import ConnectionClosed, ReplicaResponse
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.errors import InvocationFailed, NoHealthyReplica
from sagehen.serving.pipeline import TARGET_CONTAINER
from sagehen.serving.replica_set import TARGET_MODEL

# Documented: the shape BodyBlob. AWS has raised it to 25 MB in places (from memory).
DEFAULT_BODY_LIMIT_BYTES = 6 * 1024 * 1024

# How long AWS lets a container stream: eight minutes, from memory.
_STREAM_TIMEOUT_S = 480.0
_CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
# Members that become headers of the request to the container. Documented: InvokeEndpoint, "strips all POST
# headers except those supported by the API".
_FORWARDED = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": _CUSTOM_ATTRIBUTES,
    "InferenceId": "x-amzn-sagemaker-inference-id",
    "TargetModel": TARGET_MODEL,
    "TargetContainerHostname": TARGET_CONTAINER,
}


_ON_ENDPOINT = on("endpoint/{EndpointName}", lower=True)


def _invoking(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    keys = {"sagemaker:TargetModel": model} if (model := request.get("TargetModel")) else {}
    for access in _ON_ENDPOINT(owner, context, request):
        yield replace(access, conditions=keys)


@dataclass(frozen=True, slots=True)
class _Stopwatch:
    """When a request arrived, and when the container was asked."""

    started: float
    called: float

    def headers(self, answered: float) -> dict[str, str]:
        """Return what ModelLatency and OverheadLatency will be of this one request."""
        model = answered - self.called
        overhead = time.perf_counter() - self.started - model
        return {
            "x-sagehen-model-ms": f"{1000 * model:.3f}",
            "x-sagehen-overhead-ms": f"{1000 * max(0.0, overhead):.3f}",
        }


class Invocations:
    """The operations on a running endpoint.

    Args:
        directory: Where routers are found.
        metrics: Where AWS/SageMaker metrics go.
        body_limit_bytes: The longest body.
        taps: What is captured of requests and answers; None captures nothing.
        shadows: Sends copies to shadow variants.
    """

    def __init__(
        self,
        directory: EndpointDirectory,
        metrics: InvocationMetrics,
        body_limit_bytes: int,
        taps: Taps | None = None,
        shadows: Shadows | None = None,
    ) -> None:
        self._directory = directory
        self._metrics = metrics
        self._body_limit_bytes = body_limit_bytes
        self._taps = taps
        self._shadows = shadows

    @operation("InvokeEndpoint", access=_invoking)
    async def invoke_endpoint(self, context: RequestContext, request: Request) -> Reply:
        """Invoke an endpoint; headers of ours tell where the time went.

        Raises:
            ValidationError: No such endpoint, variant or session, a body too long, a header of another kind.
            ModelError: The container answered with an error, or not within a minute.
            ServiceUnavailable: No healthy instance, or all are busy and the queue is full.
        """
        started = time.perf_counter()
        invoked = find(context, self._directory, request)
        endpoint, router = invoked.endpoint, invoked.router
        body = await whole_body(request.get("Body", b""), self._body_limit_bytes)
        self._note_load(context, invoked)
        headers = _headers(request)
        tap = self._taps.open(context.scope, endpoint, request, body) if self._taps else None
        watch = _Stopwatch(started, time.perf_counter())
        variant, status, answered = "", 500, None
        try:
            target, session_id = request.get("TargetVariant"), request.get("SessionId")
            if session_id is None:
                if router.shadows and self._shadows is not None:
                    self._shadows.copy(context.scope, endpoint, router, headers, body, tap)
                variant, response = await router.invoke(headers, body, target)
            else:
                headers[SESSION_ID] = session_id
                variant, response = await router.invoke_session(session_id, headers, body, target)
            answered = time.perf_counter()
            # What an environment took to come up is overhead, not the model's.
            watch = replace(watch, called=watch.called + response.waited_s)
            status = 200 if response.status < 400 else 424
            result = self._result(context, invoked, variant, response)
            if session_id is not None:
                result = {**result, **_sessions(response)}
            if tap is not None:
                tap.answered(variant, response, response.body)
            return Reply(result, headers=watch.headers(answered))
        except InvocationFailed as failure:
            variant = failure.variant
            error = self._error(context, invoked, failure, request)
            status = error.status or 500
            raise error from failure
        finally:
            self._record(context, invoked, variant, status, watch, answered)

    @operation("InvokeEndpointWithResponseStream", access=on("endpoint/{EndpointName}", lower=True))
    async def invoke_endpoint_with_response_stream(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        """Invoke an endpoint and pass its answer on in the parts in which it comes.

        A handler streams by returning an iterator; what another one answers is one part.

        Raises:
            ValidationError, ModelError, ServiceUnavailable: As InvokeEndpoint, before the first part.
        """
        started = time.perf_counter()
        invoked = find(context, self._directory, request)
        endpoint, router = invoked.endpoint, invoked.router
        body = await whole_body(request.get("Body", b""), self._body_limit_bytes)
        self._note_load(context, invoked)
        watch = _Stopwatch(started, time.perf_counter())
        headers = _headers(request)
        target, session_id = request.get("TargetVariant"), request.get("SessionId")
        try:
            if session_id is None:
                variant, stream = await router.invoke_stream(headers, body, target)
            else:
                headers[SESSION_ID] = session_id
                variant, stream = await router.stream_session(session_id, headers, body, target)
        except InvocationFailed as failure:
            error = self._error(context, invoked, failure, request)
            self._record(context, invoked, failure.variant, error.status or 500, watch, time.perf_counter())
            raise error from failure
        if stream.head.status >= 400:
            message = await text_of_error(stream)
            self._record(context, invoked, variant, 424, watch, time.perf_counter())
            text, status = message.decode("utf-8", "replace"), stream.head.status
            raise model_error(context.scope, endpoint.name, status, text, group=invoked.log_group)

        tap = self._taps.open(context.scope, endpoint, request, body) if self._taps else None

        async def events() -> AsyncIterator[Mapping[str, Any]]:
            status, parts = 424, stream.parts()
            deadline = asyncio.get_running_loop().time() + _STREAM_TIMEOUT_S
            try:
                # The time limit is for the container, not for a caller who reads slowly: it holds
                # only while a part is waited for, never across a yield.
                while (part := await _next(parts, deadline)) is not None:
                    if tap is not None:
                        tap.part(part)
                    yield {"PayloadPart": {"Bytes": part}}
                status = 200
                if tap is not None:
                    tap.streamed(variant, stream.head)
            except TimeoutError:
                raise ModelStreamError(TIMED_OUT, ErrorCode="ModelInvocationTimeExceeded") from None
            except ConnectionClosed:
                raise ModelStreamError(BROKEN_OFF, ErrorCode="StreamBroken") from None
            finally:
                stream.close()
                self._record(context, invoked, variant, status, watch, time.perf_counter())

        return {**_described(stream.head, variant), "Body": events()}

    def _note_load(self, context: RequestContext, invoked: Invoked) -> None:
        """Record how many requests the copies of a component have, with this one."""
        if (component := invoked.component) is not None:
            copies, under_way = len(component.replicas.replica_ids), component.replicas.outstanding + 1
            self._metrics.concurrent(context.scope, component.name, under_way, copies)

    def _record(
        self,
        context: RequestContext,
        invoked: Invoked,
        variant: str,
        status: int,
        watch: _Stopwatch,
        answered: float | None,
    ) -> None:
        """Record one invocation. `answered`: when the container's answer was whole, None if it gave none."""
        served = invoked.router.variants.get(variant)
        if served is None:  # none was chosen, or it is gone
            return
        self._metrics.record(
            context.scope,
            invoked.subject(variant),
            status=status,
            model_us=None if answered is None else (answered - watch.called) * 1e6,
            total_us=(time.perf_counter() - watch.started) * 1e6,
            instances=len(served.replicas.replica_ids),
        )

    def _error(
        self, context: RequestContext, invoked: Invoked, failure: InvocationFailed, request: Request
    ) -> ServiceError:
        if invoked.component is not None and isinstance(failure, NoHealthyReplica):
            self._metrics.no_capacity(context.scope, invoked.component.name)
        return invoked.error(context, failure, request)

    def _result(
        self, context: RequestContext, invoked: Invoked, variant: str, response: ReplicaResponse
    ) -> Mapping[str, Any]:
        if response.status >= 400:
            message = response.body.decode("utf-8", "replace")
            name, status, group = invoked.endpoint.name, response.status, invoked.log_group
            raise model_error(context.scope, name, status, message, response.container, group)
        return {**_described(response, variant), "Body": response.body}


async def _next(parts: AsyncIterator[bytes], deadline: float) -> bytes | None:
    async with timeout_at(deadline):
        return await anext(parts, None)


def _headers(request: Request) -> dict[str, str]:
    return {header: value for member, header in _FORWARDED.items() if (value := request.get(member))}


def _sessions(response: ReplicaResponse) -> dict[str, str]:
    """Return the members of an answer that tell of a session opened or closed, as the container put it."""
    told = {"NewSessionId": NEW_SESSION_ID, "ClosedSessionId": CLOSED_SESSION_ID}
    return {member: response.headers[header] for member, header in told.items() if header in response.headers}


def _described(response: ReplicaResponse, variant: str) -> dict[str, Any]:
    """Return the members of an answer that are headers."""
    described: dict[str, Any] = {
        "ContentType": response.headers.get("content-type", "application/octet-stream"),
        "InvokedProductionVariant": variant,
    }
    if (attributes := response.headers.get(_CUSTOM_ATTRIBUTES)) is not None:
        described["CustomAttributes"] = attributes
    return described
