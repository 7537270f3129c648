"""Pace: how much of the traffic is served request by request."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.simulation.runs.slices import LONGEST_S
from sagehen.traffic.traffic import Traffic

# Of one run: two seconds of one core; p99 stands on five thousand requests above it.
REQUESTS = 500_000
# A slice of fewer says little of its own lines.
_LEAST = 50
_BEYOND = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is served one by one.

    Args:
        sample: So many requests of a calm slice stand for all of it; None serves each.
        most: Beyond so many requests of a run, samples stand for slices that are not calm, too: a fleet that
            is too small for hours would be simulated for hours, to be as bad as it looks.
        slice_s: Seconds of a slice at most.
    """

    sample: int | None
    most: int = 0
    slice_s: float = LONGEST_S


def pace_of(traffic: Traffic, requests: int | None = REQUESTS) -> Pace:
    """Return the pace at which about so many requests are served one by one; None serves all."""
    if requests is None or traffic.total <= requests:
        return Pace(None)
    # A minute is what alarms see. Where slices of ten seconds would hold too few, they are a minute long.
    slice_s = LONGEST_S if requests * LONGEST_S / traffic.duration >= _LEAST else 60.0
    sample = max(_LEAST, round(requests * slice_s / traffic.duration))
    return Pace(sample, _BEYOND * requests, slice_s)
