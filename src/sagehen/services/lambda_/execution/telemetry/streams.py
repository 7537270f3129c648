"""Streams: the telemetry of one life of a runtime, and who has subscribed to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Literal

from sagehen.domain.clock import Clock
from sagehen.services.lambda_.execution import platform_events
from sagehen.services.lambda_.execution.platform_events import PlatformEvent
from sagehen.services.lambda_.execution.replies import Reply, document, refused
from sagehen.services.lambda_.execution.telemetry.delivery import Connect, Delivery
from sagehen.services.lambda_.execution.telemetry.shapes import spelt
from sagehen.services.lambda_.execution.telemetry.subscription import Api, Subscription, subscription_in

Source = Literal["function", "extension"]
# What was said before an extension subscribed is kept for it, so much of it (ours).
_EARLY_ITEMS, _EARLY_BYTES = 1_000, 262_144


class Streams:
    """Collects and hands on.

    Args:
        connect: Reaches listeners inside the environment.
        clock: Dates records.
        reserved_ports: Where the platform listens in there.
        on_subscription: Told each new one: by which API, the extension's name, the types.
        keeps_early: Extensions are there that may want to hear what was before them.
    """

    def __init__(
        self,
        connect: Connect,
        clock: Clock,
        reserved_ports: tuple[int, ...],
        on_subscription: Callable[[Api, str, tuple[str, ...]], None],
        *,
        keeps_early: bool,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._reserved_ports = reserved_ports
        self._on_subscription = on_subscription
        self._keeps_early = keeps_early
        self._early: list[tuple[str, PlatformEvent | tuple[Source, str]]] = []
        self._early_bytes = 0
        self._is_open = True
        self._api: Api | None = None
        self._deliveries: dict[str, Delivery] = {}
        self._closing: set[asyncio.Task[None]] = set()

    # --- what is told ----------------------------------------------------------------------------

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens, or might yet."""
        return bool(self._deliveries) or (self._keeps_early and self._is_open)

    def event(self, event: PlatformEvent) -> None:
        """Tell a platform event."""
        self._tell(event, 256)

    def printed(self, source: Source, line: str) -> None:
        """Tell a line of the function or of an extension."""
        self._tell((source, line), len(line))

    def _tell(self, what: PlatformEvent | tuple[Source, str], size: int) -> None:
        if not self.is_heard:
            return
        time = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        if self._keeps_early and self._is_open:
            self._early_bytes += size
            if len(self._early) < _EARLY_ITEMS and self._early_bytes <= _EARLY_BYTES:
                self._early.append((time, what))
        for delivery in self._deliveries.values():
            _add(delivery, time, what)

    # --- who listens -----------------------------------------------------------------------------

    def subscribe(self, api: Api, name: str, body: bytes) -> Reply:
        """Take a subscription of an extension, in place of what it subscribed to so far.

        Documented: during INIT alone, by one of the two APIs, and again without an effect.
        """
        title = "Telemetry" if api == "telemetry" else "Logs"
        if not self._is_open:
            # From memory of AWS's supervisor.
            return refused(f"{title}.SubscriptionClosed", f"{title} API subscription is closed already")
        if self._api not in (None, api):
            return refused("ValidationError", "Another API has subscribed to this environment already", 400)
        wanted = subscription_in(api, body, self._reserved_ports)
        if isinstance(wanted, Reply):
            return wanted
        present = self._deliveries.get(name)
        if present is None or present.subscription != wanted:
            self._api = api
            if present is not None:
                self._close_soon(present)
            self._deliveries[name] = delivery = Delivery(wanted, self._connect, self._dropped(wanted))
            for time, what in self._early:
                _add(delivery, time, what)
            self._on_subscription(api, name, wanted.types)
        return document(200, "OK")

    def close_subscriptions(self) -> None:
        """INIT is over: nobody subscribes any more, and what was early is late."""
        self._is_open = False
        self._early = []

    def _dropped(self, subscription: Subscription) -> Callable[[int, int], bytes]:
        def record(records: int, size: int) -> bytes:
            time = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            event = platform_events.logs_dropped(records, size)
            return _record(time, f"platform.{event.kind}", event.record)

        return record

    # --- ending ----------------------------------------------------------------------------------

    def flush(self) -> None:
        """Have everything delivered before its time: the runtime is about to end (documented)."""
        for delivery in self._deliveries.values():
            delivery.flush()

    async def close(self) -> None:
        """Stop; the environment is gone."""
        self._is_open = False
        await asyncio.gather(*(delivery.close() for delivery in self._deliveries.values()), *self._closing)
        self._deliveries = {}

    def _close_soon(self, delivery: Delivery) -> None:
        task = asyncio.create_task(delivery.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _add(delivery: Delivery, time: str, what: PlatformEvent | tuple[Source, str]) -> None:
    types = delivery.subscription.types
    if isinstance(what, PlatformEvent):
        if "platform" in types:
            for kind, record in spelt(what, delivery.subscription):
                delivery.add(_record(time, kind, record))
    elif what[0] in types:
        delivery.add(_record(time, what[0], what[1]))


def _record(time: str, kind: str, record: object) -> bytes:
    content = {"time": time, "type": kind, "record": record}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
