"""Whether and when an action that failed is tried again. Pure."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied

# AWS retries until it succeeds (from memory); here an action is given up after an hour or so.
_MAX_ATTEMPTS = 70
_LONGEST_PAUSE_S = 60


def pause_after(failure: Exception, attempts: int) -> int | None:
    """Return how many seconds to wait before the next attempt: 1, 2, 4, ... 60, 60; None gives it up.

    Args:
        failure: What the attempt came to.
        attempts: How many failed before it.
    """
    if not _may_pass(failure) or attempts + 1 >= _MAX_ATTEMPTS:
        return None
    return min(1 << min(attempts, 6), _LONGEST_PAUSE_S)


def _may_pass(failure: Exception) -> bool:
    """Tell whether trying again may help: not where the request itself is refused."""
    if isinstance(failure, AccessDenied):
        return False
    if isinstance(failure, ServiceError):
        return failure.fault == "server" or failure.status == 429 or "TooManyRequests" in failure.code
    return True
