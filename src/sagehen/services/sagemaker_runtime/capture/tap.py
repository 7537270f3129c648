"""Tap: one invocation that is captured, from its request to the end of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.capture.event import CapturedEvent, Payload
from sagehen.services.sagemaker_runtime.capture.recorder import DataCapture, Source
from sagehen.serving.capture import CaptureSettings
from sagehen.serving.connection import USUAL_RESPONSE_BYTES, ReplicaResponse
from sagehen.serving.directory import ServedEndpoint

# Longer answers (streams, and what a handler of one's own may send) are not captured: as long as
# InvokeEndpoint's answers are on AWS.
MOST_ANSWER_BYTES = USUAL_RESPONSE_BYTES
_CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"


class Taps:
    """Says which invocations are captured."""

    def __init__(self, capture: DataCapture, clock: Clock) -> None:
        self._capture = capture
        self._clock = clock

    def open(
        self, scope: Scope, endpoint: ServedEndpoint, request: Mapping[str, Any], body: bytes
    ) -> Tap | None:
        """Return the tap of one invocation; None where it is not captured."""
        settings = endpoint.capture
        if settings is None or not self._capture.wants(settings):
            return None
        return Tap(self._capture, self._clock, scope, endpoint, settings, request, body)


class Tap:
    """What is kept of one invocation until its answer is whole. One that fails is not captured."""

    def __init__(
        self,
        capture: DataCapture,
        clock: Clock,
        scope: Scope,
        endpoint: ServedEndpoint,
        settings: CaptureSettings,
        request: Mapping[str, Any],
        body: bytes,
    ) -> None:
        self._capture = capture
        self._clock = clock
        self._scope = scope
        self._endpoint = endpoint
        self._settings = settings
        self._request = request
        self._body = body
        self._parts: list[bytes] = []
        self._length = 0

    def part(self, part: bytes) -> None:
        """Take a piece of a streamed answer."""
        self._length += len(part)
        if self._settings.outputs and self._length <= MOST_ANSWER_BYTES:
            self._parts.append(part)
        else:
            self._parts.clear()

    def streamed(self, variant: str, head: ReplicaResponse) -> None:
        """Take note that a streamed answer is whole."""
        if self._length <= MOST_ANSWER_BYTES or not self._settings.outputs:
            self.answered(variant, head, b"".join(self._parts))

    def answered(self, variant: str, head: ReplicaResponse, body: bytes) -> None:
        """Take note of an answer. Returns at once; what is written of it comes later."""
        settings, router = self._settings, self._endpoint.router
        served = router.served(variant) if router is not None else None
        if served is None or (settings.outputs and len(body) > MOST_ANSWER_BYTES):
            return
        content_type = head.headers.get("content-type", "")
        event = CapturedEvent(
            at=self._clock.now(),
            request=Payload(self._request.get("ContentType") or "", self._body) if settings.inputs else None,
            answer=Payload(content_type, body) if settings.outputs else None,
            inference_id=self._request.get("InferenceId"),
            custom_attributes=head.headers.get(_CUSTOM_ATTRIBUTES) or self._request.get("CustomAttributes"),
        )
        source = Source(self._scope, self._endpoint.name, variant, served.role_arn, settings)
        self._capture.note(source, event)
