"""The events that extensions get. Pure."""

from __future__ import annotations

from typing import Literal

from sagehen.services.lambda_.execution.contract import Invocation
from sagehen.services.lambda_.execution.replies import Reply, document

# Spelt as AWS sends them; its guide prints them in capitals.
Reason = Literal["spindown", "timeout", "failure"]


def invoke_event(invocation: Invocation, deadline_ms: int, trace_id: str, identifier: str) -> Reply:
    """Return INVOKE.

    Args:
        deadline_ms: When the invocation's time is over, in ms since the epoch.
        identifier: Of the event.
    """
    content = {
        "eventType": "INVOKE",
        "deadlineMs": deadline_ms,
        "requestId": invocation.request_id,
        "invokedFunctionArn": invocation.invoked_arn,
        "tracing": {"type": "X-Amzn-Trace-Id", "value": trace_id},
    }
    return document(200, content, {"Lambda-Extension-Event-Identifier": identifier})


def shutdown_event(reason: Reason, deadline_ms: int, identifier: str) -> Reply:
    """Return SHUTDOWN; arguments as above."""
    content = {"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline_ms}
    return document(200, content, {"Lambda-Extension-Event-Identifier": identifier})
