"""Token buckets: `rate` tokens a second flow in, `burst` fit in, a request takes one."""

from __future__ import annotations

from collections.abc import Hashable

from sagehen.domain.clock import Clock
from sagehen.services.apigateway.snapshot.plans import Throttle

# Ours. Documented only that AWS uses token buckets: Throttle requests to your REST APIs.
_BUCKETS_HELD = 20_000


class _Bucket:
    __slots__ = ("at", "tokens")

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens = tokens
        self.at = at


class TokenBuckets:
    """The buckets of everything that is throttled, made full when first asked.

    Args:
        clock: Its monotonic seconds fill them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, key: Hashable, limit: Throttle) -> bool:
        """Take one token; False where the bucket is empty. Without a limit nothing is counted."""
        if limit.rate is None and limit.burst is None:
            return True
        # Ours, where a plan gives one of the two alone: the other is taken as a second's worth of it.
        rate = limit.rate if limit.rate is not None else float(limit.burst or 0)
        room = float(limit.burst if limit.burst is not None else max(1.0, rate))
        now = self._clock.monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _BUCKETS_HELD:
                self._buckets.clear()  # full buckets all over: the limits are best effort on AWS too
            bucket = self._buckets[key] = _Bucket(room, now)
        # After a change of the limit the tokens of the old one may not outlive it.
        bucket.tokens = min(room, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True

    def clear(self) -> None:
        """Forget all buckets: each is full when it is asked next."""
        self._buckets.clear()
