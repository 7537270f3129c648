"""Work on large bodies goes to a thread, so that other requests need not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sagehen.api.bounded.budget import BudgetSpent, TooBusy, in_budget, in_thread
from sagehen.services.apigateway.data_plane.failures import ConfigurationError, GatewayFailure

P = ParamSpec("P")
T = TypeVar("T")

# Below this base64 and JSON take less than the hop to a thread is worth (some 60 us each way).
LARGE_BYTES = 256 * 1024


async def off_loop(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do `work` here if it is about at most `LARGE_BYTES`, else in a thread; in either case in a budget.

    What spends of the budget (templates, schemas, paths, patterns) may be begun here and done again in a
    thread: it changes nothing but what it returns.

    Raises:
        ConfigurationError: A template, schema or pattern of the API takes too much processor time.
        GatewayFailure: Too many others wait for a thread: 503, which clients try again.
    """
    try:
        return await (in_budget if size <= LARGE_BYTES else in_thread)(work, *args, **kwargs)
    except TooBusy:
        raise GatewayFailure(
            "DEFAULT_5XX",
            "Service Unavailable",
            status=503,
            error_type="ServiceUnavailableException",
            log="Execution failed: too many requests wait for a thread",
        ) from None
    except BudgetSpent:
        raise ConfigurationError("Execution failed: mapping or validation takes too long") from None
