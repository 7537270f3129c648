"""Destinations: what is sent on when an asynchronous event has come to its end."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime
from typing import Any

from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.services.lambda_.errors import ResourceNotFoundException
from sagehen.services.lambda_.functions.roles import FunctionRoles
from sagehen.services.lambda_.functions.targets import Targets
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.invocations.runner import Answer
from sagehen.services.lambda_.names import LATEST, parse_reference
from sagehen.services.lambda_.payloads import PAYLOAD_BYTES, as_json
from sagehen.services.lambda_.queue.records import EventInvokeConfig, QueuedEvent
from sagehen.services.lambda_.queue.retries import Condition
from sagehen.services.lambda_.traces import read_trace

_log = logging.getLogger(__name__)


class Destinations:
    """Makes the event that goes to an OnSuccess or OnFailure destination, with the function's rights."""

    def __init__(
        self,
        *,
        targets: Targets,
        roles: FunctionRoles,
        authorizer: Authorizer,
        metrics: InvocationMetrics,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._targets = targets
        self._roles = roles
        self._authorizer = authorizer
        self._metrics = metrics
        self._clock = clock
        self._ids = ids

    async def following(
        self, event: QueuedEvent, config: EventInvokeConfig, condition: Condition, answer: Answer | None
    ) -> QueuedEvent | None:
        """Return the event for the destination, or None where there is none, or it cannot have it.

        Its rights may be missing, or the record may be larger than an event: both count as
        DestinationDeliveryFailures, https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        """
        arn = config.destination("OnSuccess" if condition == "Success" else "OnFailure")
        if arn is None:
            return None
        try:
            reference = parse_reference(event.reference.scope, arn)
            self._targets.resolve(reference)
            await self._authorize(event, arn)
        except (AccessDenied, ResourceNotFoundException) as refused:
            _log.warning("destination %s of %s: %s", arn, event.reference.arn, refused.message)
            self._metrics.undelivered(event.reference)
            return None
        now = self._clock.now()
        record = await asyncio.to_thread(_record, event, condition, answer, now)
        if len(record) > PAYLOAD_BYTES["Event"]:
            _log.warning("destination %s of %s: the record is too large", arn, event.reference.arn)
            self._metrics.undelivered(event.reference)
            return None
        return QueuedEvent(
            reference=reference,
            request_id=self._ids.uuid(),
            payload=record,
            accepted_at=now.timestamp(),
            due_at=now.timestamp(),
            trace_header=self._trace_after(event, ran=answer is not None),
        )

    def _trace_after(self, event: QueuedEvent, *, ran: bool) -> str:
        """Return the chain of requests that a destination's event belongs to: its function has run in it."""
        trace = read_trace(event.trace_header)
        trace = trace.with_run(event.reference.unqualified_arn) if ran else trace
        return trace.header(self._ids.hex, self._clock.now().timestamp())

    async def _authorize(self, event: QueuedEvent, arn: str) -> None:
        # Documented: the function's role needs lambda:InvokeFunction on the destination.
        role_arn = self._targets.resolve(event.reference).routes[0][0].role_arn
        principal = await self._roles.principal(role_arn, event.reference.name)
        self._authorizer.authorize(principal, Access("lambda:InvokeFunction", arn), {})


def _record(event: QueuedEvent, condition: Condition, answer: Answer | None, now: datetime) -> bytes:
    """Return an invocation record; event and answer stand in it as they are.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    qualifier = event.reference.qualifier or LATEST
    about = {
        "requestId": event.request_id,
        "functionArn": f"{event.reference.unqualified_arn}:{qualifier}",
        "condition": condition,
        # Attempts that ran; 0 where the event was given up before it was tried (from memory).
        "approximateInvokeCount": event.attempts + (1 if answer is not None else 0),
    }
    moment = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
    members = {
        "version": _text("1.0"),
        "timestamp": _text(moment),
        "requestContext": _text(about),
        "requestPayload": as_json(event.payload),
    }
    if answer is not None:
        response: dict[str, Any] = {"statusCode": 200, "executedVersion": answer.executed_version}
        if answer.outcome.function_error:
            response["functionError"] = answer.outcome.function_error
        members["responseContext"] = _text(response)
        members["responsePayload"] = as_json(answer.outcome.payload)
    return b"{" + b",".join(_text(name) + b":" + value for name, value in members.items()) + b"}"


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
