"""Allowance: how much of the event loop's time looking for losses may take."""

from __future__ import annotations

import time

# As with metric definitions: so much at once, and so large a share in the long run.
_AT_ONCE_S, _SHARE = 0.5, 0.05


class Allowance:
    """Counts the processor time spent within it; what is beyond its share has to wait."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._spent_s = self._entered = 0.0

    def may_go_on(self) -> bool:
        """Tell whether there is time left: a job that prints too fast is looked at in part."""
        return self._spent_s < _AT_ONCE_S + _SHARE * (time.monotonic() - self._began)

    def __enter__(self) -> None:
        self._entered = time.thread_time()

    def __exit__(self, *_: object) -> None:
        self._spent_s += time.thread_time() - self._entered
