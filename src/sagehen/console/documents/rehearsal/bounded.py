"""What a plan that came over the wire may be, and how much is told of what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from sagehen.simulation.plan.carried_out import carried_out, told
from sagehen.simulation.plan.document import document
from sagehen.simulation.plan.plan import read_plan
from sagehen.simulation.servers.durations import Durations
from sagehen.traffic.traffic import Traffic

# Of a request's line, which with its headers has 32 KB at most (gateway/settings.py).
LONGEST_PLAN = 12_000
MOST_CANDIDATES = 20
# Points and activities of a run: a picture has a thousand pixels.
MOST_POINTS = 400
MOST_ACTIVITIES = 200


class NoSources:
    """Implements `simulation.plan.sources.Sources`: this machine's files are nobody else's business."""

    def trace(self, path: str) -> Traffic:
        """Refuse."""
        self._refuse()

    def report(self, path: str) -> Durations:
        """Refuse."""
        self._refuse()

    def recorded_traffic(self, of: Mapping[str, str], hours: float) -> Traffic:
        """Refuse."""
        self._refuse()

    def recorded_durations(self, of: Mapping[str, str], hours: float) -> Durations:
        """Refuse."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise ValueError(
            "files and recordings are read by `sagehen rehearse` alone; write a rate or a duration"
        )


def rehearsed(text: str) -> dict[str, Any]:
    """Carry a plan out, which takes seconds; return docs/rehearse.md's document, with fewer points.

    Raises:
        PlanError, ValueError: With words for a person.
    """
    plan = read_plan(text, NoSources())
    if len(plan.candidates) > MOST_CANDIDATES:
        raise ValueError(f"at most {MOST_CANDIDATES} candidates")
    outcomes, chosen = carried_out(plan, lambda number, name: None)
    found = document(plan, outcomes, chosen, told(plan, outcomes, chosen))
    for candidate in found["candidates"]:
        candidate["series"] = thinned(candidate["series"], MOST_POINTS)
        candidate["activities"] = candidate["activities"][:MOST_ACTIVITIES]
    return found


def thinned(points: Sequence[Any], most: int) -> list[Any]:
    """Return at most `most` of the points, at even distances, with the first and the last."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(number * step)] for number in range(most)]
