"""Pace: how much of the traffic is served request by request."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.simulation.runs.slices import LONGEST_S
from sagehen.traffic.traffic import Traffic

# Of one run: two seconds of one core; p99 stands on five thousand requests above it.
REQUESTS = 500_000
# A slice of fewer says little of its own lines.
_LEAST = 50


@dataclass(frozen=True, slots=True)
class Pace:
    """`sample` requests of a calm slice stand for all of it; None serves each."""

    sample: int | None


def pace_of(traffic: Traffic, requests: int | None = REQUESTS) -> Pace:
    """Return the pace at which about so many requests are served one by one; None serves all."""
    if requests is None or traffic.total <= requests:
        return Pace(None)
    return Pace(max(_LEAST, round(requests * LONGEST_S / traffic.duration)))
