"""Deliveries: events that match a subscription go to its function, as AWS packs them.

Documented: CloudWatch Logs User Guide, "Log group-level subscription filters", Example 2: Lambda.
Functions get DATA_MESSAGEs alone: control messages are for streams, which are not destinations here.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.observing.log_subscribers import LogSubscribers
from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.logs.events.event import Event
from sagehen.services.logs.events.outbox import Entry
from sagehen.services.logs.filters.subscription.records import SubscriptionFilter, SubscriptionFilterRecords
from sagehen.services.logs.patterns.extraction import parse_extractor

_log = logging.getLogger(__name__)

# So much text per invocation: what cannot be compressed stays below Lambda's limit of 1 MB in base64.
_MESSAGE_BYTES = 640 * 1024


class Deliveries:
    """Implements `forwarding.Viewers` for subscriptions.

    Attributes:
        functions: Whom events go to; None before everything is wired.
        metrics: AWS/Logs: ForwardedBytes, ForwardedLogEvents, DeliveryErrors.
    """

    def __init__(self, records: SubscriptionFilterRecords, metrics: MetricSink) -> None:
        self._records = records
        self.metrics = metrics
        self.functions: LogSubscribers | None = None

    def accepts(self, scope: Scope, group: str, function_arn: str) -> bool:
        """Tell whether the function is there and Logs may invoke it for this group."""
        return self.functions is not None and self.functions.accepts(scope, group, function_arn)

    def watches(self, entry: Entry) -> bool:
        """Tell whether the group has a subscription."""
        return bool(self._records.of_group(entry.group_id))

    async def take(self, entry: Entry, events: Sequence[Event]) -> None:
        """Send the events that match to the functions of the group's filters, 640 kB of text at a time."""
        if self.functions is None:
            return
        for one in self._records.of_group(entry.group_id):
            for events_count, payload in await asyncio.to_thread(_packed, entry, one, events):
                await self._deliver(entry, one, payload, events_count)

    async def _deliver(self, entry: Entry, one: SubscriptionFilter, payload: bytes, count: int) -> None:
        """Put one message on the function's queue. What it refuses is lost, as on AWS, and counted."""
        assert self.functions is not None
        values = {"ForwardedLogEvents": float(count), "ForwardedBytes": float(len(payload))}
        try:
            await self.functions.log_events(entry.scope, entry.group, one.destination_arn, payload)
        except (ServiceError, AccessDenied) as refusal:
            values = {"DeliveryErrors": float(count)}
            _log.warning(
                "subscription filter %s of %s: %s takes no events: %s",
                one.name,
                entry.group,
                one.destination_arn,
                refusal,
            )
        dimensions = {
            "LogGroupName": entry.group,
            "DestinationType": "Lambda",
            "FilterName": one.name,
        }
        self.metrics.record(
            entry.scope,
            "AWS/Logs",
            [
                MetricValue(name, value, "Bytes" if name == "ForwardedBytes" else "None", dimensions)
                for name, value in values.items()
            ],
        )


def _packed(entry: Entry, one: SubscriptionFilter, events: Sequence[Event]) -> list[tuple[int, bytes]]:
    """Return (number of events, event for the function) of each message to send. Blocking."""
    extract = parse_extractor(one.pattern)
    matching = [event for event in events if extract(event.message) is not None]
    return [(len(part), _message(entry, one, part)) for part in _parts(matching)]


def _parts(events: Sequence[Event]) -> Iterator[list[Event]]:
    part: list[Event] = []
    size = 0
    for event in events:
        length = len(event.message.encode("utf-8", "replace"))
        if part and size + length > _MESSAGE_BYTES:
            yield part
            part, size = [], 0
        part.append(event)
        size += length
    if part:
        yield part


def _message(entry: Entry, one: SubscriptionFilter, events: Sequence[Event]) -> bytes:
    document: dict[str, Any] = {
        "messageType": "DATA_MESSAGE",
        "owner": entry.scope.account_id,
        "logGroup": entry.group,
        "logStream": entry.stream,
        "subscriptionFilters": [one.name],
        "logEvents": [
            {"id": event.id, "timestamp": event.position.at_ms, "message": event.message} for event in events
        ],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    data = base64.b64encode(gzip.compress(text, mtime=0)).decode()
    return json.dumps({"awslogs": {"data": data}}, separators=(",", ":")).encode()
