"""CapturedEvent: one request and its answer, and the line that is written of them. Pure.

Documented, with the two examples that the tests hold: SageMaker Developer Guide, Capture data from
real-time endpoint.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sagehen.serving.capture import CaptureSettings

# What a body without a content type is taken for, as in InvokeEndpoint's answer.
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Payload:
    """One direction's body, with its Content-Type as it came."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class CapturedEvent:
    """What is kept of one invocation.

    Args:
        at: When it was answered.
        request: None where only answers are captured.
        answer: None where only requests are captured.
        inference_id: InferenceId, where the caller gave one.
        custom_attributes: CustomAttributes of the answer, or else of the request.
    """

    at: datetime
    request: Payload | None
    answer: Payload | None
    inference_id: str | None = None
    custom_attributes: str | None = None

    @property
    def size(self) -> int:
        """Bytes that it holds in memory, about."""
        return 512 + sum(len(one.body) for one in (self.request, self.answer) if one is not None)


def line_of(event: CapturedEvent, event_id: str, settings: CaptureSettings) -> bytes:
    """Return the JSON line, with its end."""
    data: dict[str, Any] = {}
    if event.request is not None:
        data["endpointInput"] = _payload(event.request, "INPUT", settings)
    if event.answer is not None:
        data["endpointOutput"] = _payload(event.answer, "OUTPUT", settings)
    about: dict[str, Any] = {"eventId": event_id}
    if event.custom_attributes is not None:
        about["customAttributes"] = [event.custom_attributes]
    if event.inference_id is not None:
        about["inferenceId"] = event.inference_id
    about["inferenceTime"] = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    whole = {"captureData": data, "eventMetadata": about, "eventVersion": "0"}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def key_of(settings: CaptureSettings, endpoint: str, variant: str, at: datetime, unique: str) -> str:
    """Return the key of a file whose first event was at `at`: hour, then minute, second, millisecond."""
    at = at.astimezone(UTC)
    prefix = f"{settings.prefix.rstrip('/')}/" if settings.prefix.strip("/") else ""
    name = f"{at:%M-%S}-{at.microsecond // 1000:03d}-{unique}.jsonl"
    return f"{prefix}{endpoint}/{variant}/{at:%Y/%m/%d/%H}/{name}"


def _payload(payload: Payload, mode: str, settings: CaptureSettings) -> dict[str, str]:
    encoding, data = _encoded(payload, settings)
    observed = payload.content_type or _UNKNOWN_TYPE
    return {"observedContentType": observed, "mode": mode, "data": data, "encoding": encoding}


def _encoded(payload: Payload, settings: CaptureSettings) -> tuple[str, str]:
    """Return encoding and text. Documented: CaptureContentTypeHeader; base64 where it says nothing."""
    media_type = payload.content_type.partition(";")[0].strip().lower()
    for encoding, types in (("CSV", settings.csv_types), ("JSON", settings.json_types)):
        if media_type in types:
            try:
                return encoding, payload.body.decode()
            except UnicodeDecodeError:  # it says that it is text, and is not
                break
    return "BASE64", base64.b64encode(payload.body).decode()
