"""Shadows: copies of requests for a variant whose answers nobody gets.

Nothing here may delay the request or make it fail: a copy is a task of its own, and there are only so many.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from functools import partial

from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.capture.tap import Tap
from sagehen.services.sagemaker_runtime.invocation_metrics import InvocationMetrics, OfVariant
from sagehen.serving.attempt import Displaced
from sagehen.serving.directory import ServedEndpoint
from sagehen.serving.errors import InvocationFailed
from sagehen.serving.router import Router, WeightedVariant

# Ours: what they hold of requests at a time. Beyond it a request is not copied.
MOST_BYTES = 64 * 1024 * 1024
MOST_COPIES = 256
# Of them: an account whose shadows are slow leaves room for the others'.
MOST_COPIES_OF_ACCOUNT, MOST_BYTES_OF_ACCOUNT = MOST_COPIES // 4, MOST_BYTES // 4


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
        self._copies_of: Counter[str] = Counter()
        self._held_by: Counter[str] = Counter()

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
            if not self._has_room(scope.account_id, len(body)):
                return
            self._count(scope.account_id, 1, len(body))
            copy = asyncio.create_task(self._ask(scope, endpoint.name, name, shadow, headers, body, tap))
            self._copies.add(copy)
            copy.add_done_callback(partial(self._ended, scope.account_id, len(body)))

    def _has_room(self, account_id: str, size: int) -> bool:
        if len(self._copies) >= MOST_COPIES or self._held + size > MOST_BYTES:
            return False
        copies, held = self._copies_of[account_id], self._held_by[account_id]
        return copies < MOST_COPIES_OF_ACCOUNT and held + size <= MOST_BYTES_OF_ACCOUNT

    def _count(self, account_id: str, copies: int, size: int) -> None:
        self._held += size
        self._copies_of[account_id] += copies
        self._held_by[account_id] += size

    def _ended(self, account_id: str, size: int, copy: asyncio.Task[None]) -> None:
        """Make room again; also for one that was ended before it began."""
        self._copies.discard(copy)
        self._count(account_id, -1, -size)

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
        self._metrics.record(
            scope,
            OfVariant(endpoint, name),
            status=status,
            model_us=None if took_s is None else took_s * 1e6,
            total_us=(time.perf_counter() - began) * 1e6,
            instances=len(shadow.replicas.replica_ids),
        )
