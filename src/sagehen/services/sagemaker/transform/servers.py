"""Servers: the model servers of a job's instances, from their start on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.services.sagemaker.transform.asking import Server
from sagehen.services.sagemaker.transform.settings import proposed, settings_of
from sagehen.serving.connection import ConnectionClosed
from sagehen.serving.health import Health, ping
from sagehen.serving.replica import Replica

# Longer than a node may be silent before it counts as lost, and its instance has ended.
_MOST_AWAY_S = 90.0
_AWAY_LOOK_S = 1.0


class Servers:
    """One for each host.

    Args:
        request: The job's.
        replicas: By host.
        runs: Tells whether a host's container does.
        elsewhere: Hosts on other machines.
        clock: The machine's.
        startup_interval_s: Between two pings of one that comes up.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        replicas: Mapping[str, Replica],
        runs: Callable[[str], bool],
        elsewhere: frozenset[str],
        clock: Clock,
        startup_interval_s: float,
    ) -> None:
        self._request = request
        self._replicas = replicas
        self._runs = runs
        self._elsewhere = elsewhere
        self._clock = clock
        self._startup_interval_s = startup_interval_s

    async def come_up(self, host: str) -> str:
        """Wait for one; return `healthy`, or `dead`: it has not answered in time, or `ended`."""
        health = Health(self._clock.monotonic(), startup_interval_s=self._startup_interval_s)
        while health.state == "starting":
            if not self._runs(host):
                return "ended"
            health = health.after_ping(await ping(self._replicas[host]), self._clock.monotonic())
            await asyncio.sleep(health.next_ping_s if health.state == "starting" else 0)
        return health.state

    async def asked(self, host: str) -> Server:
        """Return one that has come up, as it is to be asked: it may say how itself."""
        request, replica = self._request, self._replicas[host]
        try:
            answer = await replica.request(b"GET", b"/execution-parameters", {}, b"", 2.0)
            found = proposed(answer.status, answer.body)
        except (TimeoutError, ConnectionClosed):
            found = {}
        settings = settings_of(request, found)
        headers = {}
        if content_type := request["TransformInput"].get("ContentType"):
            headers["content-type"] = content_type
        if accept := request["TransformOutput"].get("Accept"):
            headers["accept"] = accept
        slots = asyncio.Semaphore(settings.at_once)
        return Server(host, replica, settings, slots, headers, partial(self._was_away, host))

    async def _was_away(self, host: str) -> bool:
        """Wait while the machine of an instance cannot be reached; tell whether that was so, and is over.

        A link to a node that is cut breaks requests that the server there knows nothing of. Whether the node
        is lost is known a minute later.
        """
        if host not in self._elsewhere:
            return False
        began, was_away = self._clock.monotonic(), False
        while self._runs(host) and self._clock.monotonic() - began < _MOST_AWAY_S:
            if await ping(self._replicas[host]):
                return was_away
            was_away = True
            await asyncio.sleep(_AWAY_LOOK_S)
        return False

    def close(self) -> None:
        """Close what is open to them."""
        for replica in self._replicas.values():
            replica.close()
