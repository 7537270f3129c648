"""The batch window: how long waiting calls may wait for company. A pure decision, time passed in.

The window opens with the first call. A lone caller never waits: only when the last batch held
several calls are as many expected again. Worked example with 8 clients that each send their next call
on receiving an answer, and a wait of 2 ms: the batch of 8 is answered, the next 8 calls arrive
within some 0.3 ms, and the eighth closes the window.
"""

from __future__ import annotations


def remaining_wait_s(
    waiting: int, oldest_age_s: float, last_batch: int, max_size: int, max_wait_s: float
) -> float:
    """Return how much longer to hold the window open; 0 means: send what waits, now.

    Args:
        waiting: Calls in the window.
        oldest_age_s: Since when the first of them waits.
        last_batch: Size of the batch that was answered last, 0 before the first.
        max_size: The largest batch.
        max_wait_s: The longest that the first call may wait.
    """
    expected = min(last_batch, max_size)
    if waiting >= expected:
        return 0.0
    return max(0.0, max_wait_s - oldest_age_s)
