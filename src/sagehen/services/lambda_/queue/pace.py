"""QueuePace: how many events of one function are tried at the same time, and when one more is.

AWS's pollers try throttled events steadily and slow down by the function, not by the event: a function
with a reserved concurrency of 1 works its queue off one after the other. So a throttled event stays at
the head of its queue, as many run at once as were found to run, and another is tried when concurrency
comes free, when the last throttle is a second ago, and, where throttles follow one another, after 1, 2,
4 ... 300 seconds. Those bounds are AWS's; the pace between is measured and chosen.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
Pure bookkeeping; all times are seconds of the platform's clock.
"""

from __future__ import annotations

from dataclasses import dataclass

# Between throttles that nothing interrupts.
_FIRST_S, _MOST_S = 1.0, 300.0
# After concurrency came free somewhere it may be taken by another; it is not asked for more often.
_AFTER_RELEASE_S = 0.05


@dataclass(slots=True)
class QueuePace:
    """The pace of one function's queue.

    Args:
        most: Attempts at the same time.
    """

    most: int
    _window: int = -1
    _throttles: int = 0
    _throttled_at: float = float("-inf")
    _probe_at: float = float("-inf")

    def __post_init__(self) -> None:
        self._window = self.most

    @property
    def probe_at(self) -> float:
        """When one more may be tried than are known to run."""
        return self._probe_at

    def may_start(self, running: int, now: float) -> bool:
        """Tell whether another attempt may begin beside `running` ones; if so, it does."""
        if running >= self.most:
            return False
        if running >= self._window:
            if now < self._probe_at:
                return False
            self._window = running + 1
        return True

    def was_throttled(self, running: int, now: float) -> None:
        """An attempt was throttled; `running` others are left."""
        self._window = running
        self._throttled_at = now
        if now >= self._probe_at:  # not one more of the same burst
            self._probe_at = now + min(_FIRST_S * 2**self._throttles, _MOST_S)
            self._throttles = min(self._throttles + 1, 16)

    def ran(self, running: int, now: float) -> None:
        """An attempt was let run, whatever came of it, beside `running` others."""
        self._throttles = 0
        self._window = max(self._window, min(running + 1, self.most))
        self._probe_at = min(self._probe_at, max(now, self._throttled_at + _FIRST_S))

    def concurrency_freed(self, now: float) -> None:
        """Somebody's invocation ended; what it took may be had."""
        self._probe_at = min(self._probe_at, max(now, self._throttled_at + _AFTER_RELEASE_S))
