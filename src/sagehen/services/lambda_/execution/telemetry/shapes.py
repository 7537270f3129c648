"""How the two APIs spell platform events. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.services.lambda_.execution.platform_events import PlatformEvent
from sagehen.services.lambda_.execution.telemetry.subscription import Subscription

# Documented: the Logs API's messages. It has no events of INIT, and its own words for two others.
_LOGS = ("start", "extension", "logsSubscription", "logsDropped")


def spelt(event: PlatformEvent, subscription: Subscription) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the types and records that a subscriber gets for an event; none where its API has no such."""
    if subscription.api == "telemetry":
        if event.kind != "logsSubscription":
            yield f"platform.{event.kind}", event.record
        return
    request = {name: event.record[name] for name in ("requestId",) if name in event.record}
    if event.kind in _LOGS:
        yield f"platform.{event.kind}", event.record
    elif event.kind == "runtimeDone" and subscription.schema == "2021-03-18":
        # Documented values: success, failure, timeout.
        status = {"error": "failure"}.get(event.record["status"], event.record["status"])
        yield "platform.runtimeDone", {**request, "status": status}
    elif event.kind == "report":
        yield "platform.end", request
        yield "platform.report", {**request, "metrics": event.record["metrics"]}
