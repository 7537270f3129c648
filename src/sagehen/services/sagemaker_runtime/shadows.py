"""Shadows: copies of requests for a variant whose answers nobody gets.

Nothing here may delay the request or make it fail: a copy is a task of its own, and there are only so many.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.capture.tap import Tap
from sagehen.services.sagemaker_runtime.invocation_metrics import InvocationMetrics
from sagehen.serving.attempt import Displaced
from sagehen.serving.directory import ServedEndpoint
from sagehen.serving.errors import InvocationFailed
from sagehen.serving.router import Router, WeightedVariant

# Ours: what they hold of requests at a time. Beyond it a request is not copied.
MOST_BYTES = 64 * 1024 * 1024
MOST_COPIES = 256


def share_of(router: Router, shadow: WeightedVariant) -> float:
    """Return which share of the requests a shadow variant gets: its weight against the production variant's.

    From memory: AWS says only that a portion can be specified; an InitialVariantWeight of 0.5 beside 1 copies
    half of them, and one that is larger all.
    """
    weight = sum(variant.weight for variant in router.variants.values())
    return min(1.0, shadow.weight / weight) if weight else 0.0


class Shadows:
    """Copies under way, of all endpoints."""

    def __init__(self, metrics: InvocationMetrics, ids: Ids) -> None:
        self._metrics = metrics
        self._ids = ids
        self._copies: set[asyncio.Task[None]] = set()
        self._held = 0

    def copy(
        self,
        scope: Scope,
        endpoint: ServedEndpoint,
        router: Router,
        headers: Mapping[str, str],
        body: bytes,
        tap: Tap | None,
    ) -> None:
        """Send a copy of a request to each shadow variant that gets its share; returns at once."""
        for name, shadow in router.shadows.items():
            if self._ids.uniform() >= share_of(router, shadow):
                continue
            if len(self._copies) >= MOST_COPIES or self._held + len(body) > MOST_BYTES:
                return
            self._held += len(body)
            copy = asyncio.create_task(self._ask(scope, endpoint.name, name, shadow, headers, body, tap))
            self._copies.add(copy)
            copy.add_done_callback(self._copies.discard)

    async def stop(self) -> None:
        """End the copies that are under way."""
        copies = list(self._copies)
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)

    async def _ask(
        self,
        scope: Scope,
        endpoint: str,
        name: str,
        shadow: WeightedVariant,
        headers: Mapping[str, str],
        body: bytes,
        tap: Tap | None,
    ) -> None:
        began, status, took_s = time.perf_counter(), 503, None
        try:
            response = await shadow.replicas.invoke(headers, body)
            took_s = time.perf_counter() - began
            status = 200 if response.status < 400 else 424
            if status == 200 and tap is not None:
                tap.answered(name, response, response.body)
        except (InvocationFailed, Displaced):  # its errors are in its metrics
            pass
        finally:
            self._held -= len(body)
        self._metrics.record(
            scope,
            endpoint,
            name,
            status=status,
            model_us=None if took_s is None else took_s * 1e6,
            total_us=(time.perf_counter() - began) * 1e6,
            instances=len(shadow.replicas.replica_ids),
        )
