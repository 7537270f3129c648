"""Which instance gets a request for one model. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sagehen.serving.choice import RoutingStrategy, choose_replica

T = TypeVar("T")

# So many requests under way at each instance that has the model make one more of them worth a load.
_BUSY = 8


def choose_for_model(
    candidates: Sequence[tuple[T, int, bool]], strategy: RoutingStrategy, u: float
) -> T | None:
    """Return one of (replica, outstanding requests, has the model) triples, or None where there is none.

    Instances that have it are preferred, as there nothing is loaded first. Documented in words alone
    (SageMaker Developer Guide, How multi-model endpoints work): a model with much traffic gets copies on more
    instances. The number is ours: with 8 requests under way at the one that has it and 3 at another, the
    other loads it, too.
    """
    having = [(replica, outstanding) for replica, outstanding, has in candidates if has]
    others = [(replica, outstanding) for replica, outstanding, has in candidates if not has]
    if having and others:
        least = min(outstanding for _, outstanding in having)
        idle = [pair for pair in others if 2 * pair[1] < least]
        if least >= _BUSY and idle:
            return choose_replica(idle, "LEAST_OUTSTANDING_REQUESTS", u)
    return choose_replica(having or others, strategy, u)
