"""Line: what memory knows of one endpoint's requests; the rows are in `records`. Pure."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from sagehen.serving.choice import choose_variant
from sagehen.serving.directory import ServedEndpoint

# An endpoint that is not shown may be coming up; one that is not for so long was deleted.
_GONE_AFTER_S = 30.0


@dataclass(slots=True)
class Line:
    """One endpoint's.

    Args:
        waiting: Its rows, those under way among them.
        inline_bytes: Of inputs that came along.
        cursor: The last row that was taken in order.
        again: (not before, sequence) of rows that are to be asked again.
        under_way: Tasks by sequence.
        missing_since: Since when it is not shown, or None.
    """

    waiting: int = 0
    inline_bytes: int = 0
    cursor: int = 0
    again: list[tuple[float, int]] = field(default_factory=list)
    under_way: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    missing_since: float | None = None

    def put_back(self, sequence: int, not_before: float) -> None:
        """Have a row asked again."""
        heapq.heappush(self.again, (not_before, sequence))

    def due_again(self, now: float) -> int | None:
        """Return a row that is to be asked again by now, and is not under way; None where there is none."""
        while self.again and self.again[0][0] <= now:
            _, sequence = heapq.heappop(self.again)
            if sequence not in self.under_way:
                return sequence
        return None

    def is_gone(self, endpoint: ServedEndpoint | None, created_at: float, now: float) -> bool:
        """Tell whether nobody will ever answer: it was deleted, or another has its name."""
        if endpoint is not None:
            self.missing_since = None
            return endpoint.created_at != created_at or endpoint.status == "Deleting"
        if self.missing_since is None:
            self.missing_since = now
        return now - self.missing_since >= _GONE_AFTER_S


def instances(endpoint: ServedEndpoint | None) -> Mapping[str, int]:
    """Return how many instances of each variant take requests."""
    if endpoint is None or endpoint.router is None:
        return {}
    return {name: len(v.replicas.replica_ids) for name, v in endpoint.router.variants.items()}


def room(endpoint: ServedEndpoint | None, under_way: int) -> int:
    """Return how many more requests may be under way."""
    if endpoint is None or endpoint.asynchronous is None:
        return 0
    return sum(instances(endpoint).values()) * endpoint.asynchronous.concurrency - under_way


def variant_for(endpoint: ServedEndpoint, draw: float) -> str | None:
    """Return a variant that has instances, by weight; None where there is none."""
    assert endpoint.router is not None
    there = instances(endpoint)
    weights = {name: v.weight for name, v in endpoint.router.variants.items() if there[name]}
    return choose_variant(weights, draw)


def variant_missed(endpoint: ServedEndpoint | None, draw: float) -> str:
    """Return a variant, by weight, that a request which none has had counts as one of; '' of no endpoint."""
    if endpoint is None or endpoint.router is None:
        return ""
    weights = {name: v.weight for name, v in endpoint.router.variants.items()}
    return choose_variant(weights, draw) or ""
