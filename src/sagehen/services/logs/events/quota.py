"""StreamQuota: how much text a stream takes from what runs here. Pure bookkeeping.

AWS's agents pass on at most some MB a second of one stream; this machine's disk is smaller than AWS's. A
stream may have 16 MB at any time and 64 kB/s in the long run (some 1,000 lines of a progress log), each line
with the 26 bytes that AWS adds to it: 85 MB in 15 s, which one `while True: print()` makes, become 17. What
is left out is counted, and said in the stream. PutLogEvents is not bounded by it: callers of the API know
what they ask for.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

BURST_BYTES = 16 * 1024 * 1024
BYTES_PER_S = 64 * 1024
# Beyond so many streams those that have their whole burst again are forgotten.
_MOST_REMEMBERED = 4096


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(slots=True)
class StreamQuota(Generic[K]):
    """Token buckets of streams by their key.

    Args:
        burst_bytes, bytes_per_s: See above.
    """

    burst_bytes: int = BURST_BYTES
    bytes_per_s: int = BYTES_PER_S
    _buckets: dict[K, _Bucket] = field(default_factory=dict)

    def takes(self, stream: K, size: int, now: float) -> bool:
        """Count `size` bytes in, at `now` (monotonic seconds), and tell whether they may be stored."""
        bucket = self._buckets.get(stream)
        if bucket is None:
            if len(self._buckets) >= _MOST_REMEMBERED:
                self._forget_the_full(now)
            bucket = self._buckets[stream] = _Bucket(float(self.burst_bytes), now)
        bucket.left, bucket.at = self._left(bucket, now), now
        if size > bucket.left:
            return False
        bucket.left -= size
        return True

    def forget(self) -> None:
        """Give every stream its whole burst again."""
        self._buckets.clear()

    def _left(self, bucket: _Bucket, now: float) -> float:
        return min(float(self.burst_bytes), bucket.left + (now - bucket.at) * self.bytes_per_s)

    def _forget_the_full(self, now: float) -> None:
        lasting = [
            (key, bucket)
            for key, bucket in self._buckets.items()
            if self._left(bucket, now) < self.burst_bytes
        ]
        # All write at once: the oldest begin anew, half of them, so that this is not done for each stream.
        self._buckets = dict(lasting[-_MOST_REMEMBERED // 2 :])
