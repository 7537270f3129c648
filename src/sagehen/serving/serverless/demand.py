"""How many environments a serverless variant needs, and which have been idle for too long. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# How long an environment waits for another request. AWS names no number; from memory of what people measure.
KEPT_S = 300.0


@dataclass(frozen=True, slots=True)
class Concurrency:
    """ServerlessConfig, but for its memory.

    Args:
        most: Requests at once: one more is throttled.
        provisioned: Environments that are kept, asked or not.
    """

    most: int
    provisioned: int = 0


def wanted(concurrency: Concurrency, requests: int, there: int) -> int:
    """Return how many environments there should be.

    Worked example, at most 5 of which 1 is provisioned: none asked and none there 1; 3 requests and 1 there
    3; answered, 3: they stay until they have been idle for long enough.

    Args:
        requests: Under way and waiting.
        there: Environments that serve or start, without those that were idle for too long.
    """
    return max(concurrency.provisioned, min(concurrency.most, max(requests, there)))


def idle_for_too_long(
    concurrency: Concurrency, idle_since: Mapping[str, float], there: int, now: float, kept_s: float
) -> list[str]:
    """Return the environments that are to end, the longest idle first; provisioned ones stay.

    Args:
        idle_since: Of each that answers nothing, when it last did.
        there: All that serve.
    """
    spare = max(0, there - concurrency.provisioned)
    old = sorted((since, name) for name, since in idle_since.items() if now - since >= kept_s)
    return [name for _, name in old[:spare]]


def next_look(
    concurrency: Concurrency, idle_since: Mapping[str, float], there: int, now: float, kept_s: float
) -> float | None:
    """Return when to look again, no later than one will have been idle for too long; None: none may go."""
    return None if there <= concurrency.provisioned else min(idle_since.values(), default=now) + kept_s
