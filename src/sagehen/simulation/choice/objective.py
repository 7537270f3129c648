"""Objective: what has to hold, as people write it: `p99 <= 300ms, throttles <= 0.1%`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sagehen.simulation.runs.outcome import Outcome
from sagehen.traffic.durations import duration_text, parse_duration

_PART = re.compile(
    r"(?:(?P<percentile>p\d{1,2}(?:\.\d{1,3})?|mean)(?P<wait>\s+wait)?|(?P<share>throttles|errors))"
    r"\s*<=?\s*(?P<limit>[0-9.]+\s*(?:ms|s|m|%))"
)
_MOST = 10


@dataclass(frozen=True, slots=True)
class Term:
    """One part.

    Args:
        measure: `p99`, `mean`, `throttles`, `errors`; `p99 wait` is without the work itself.
        limit: Seconds, or a share.
    """

    measure: str
    limit: float

    def value(self, outcome: Outcome) -> float:
        """Return what an outcome has of it."""
        if self.measure == "throttles":
            return outcome.throttle_share
        if self.measure == "errors":
            return outcome.error_share
        name, _, wait = self.measure.partition(" ")
        spread = outcome.tally.waits if wait else outcome.tally.latencies
        return spread.mean if name == "mean" else spread.percentile(float(name[1:]))

    def holds(self, outcome: Outcome) -> bool:
        """Tell whether an outcome is within the limit."""
        return self.value(outcome) <= self.limit

    def __str__(self) -> str:
        if self.measure in ("throttles", "errors"):
            return f"{self.measure} <= {self.limit * 100:g}%"
        limit = f"{self.limit * 1000:g}ms" if self.limit < 1 else duration_text(self.limit)
        return f"{self.measure} <= {limit}"


@dataclass(frozen=True, slots=True)
class Objective:
    """All of its terms must hold."""

    terms: tuple[Term, ...]

    def holds(self, outcome: Outcome) -> bool:
        """Tell whether an outcome meets it."""
        return all(term.holds(outcome) for term in self.terms)

    def missed(self, outcome: Outcome) -> list[Term]:
        """Return what does not hold."""
        return [term for term in self.terms if not term.holds(outcome)]

    def excess(self, outcome: Outcome) -> float:
        """Return how far it is missed: the worst ratio of value to limit; 1 or less where it is met."""
        return max((term.value(outcome) / max(term.limit, 1e-9) for term in self.terms), default=0.0)

    def __str__(self) -> str:
        return ", ".join(map(str, self.terms))


def parse_objective(text: str) -> Objective:
    """Read an objective.

    Raises:
        ValueError: It is something else.
    """
    parts = [part.strip() for part in text[:1000].split(",")]
    if len(parts) > _MOST:
        raise ValueError(f"an objective has at most {_MOST} parts")
    terms = []
    for part in parts:
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(
                f"{part[:60]!r} is no objective: write p99 <= 300ms, p99 wait <= 50ms, throttles <= 0.1%, "
                "errors <= 1%"
            )
        limit = found["limit"].replace(" ", "")
        if found["share"]:
            if not limit.endswith("%"):
                raise ValueError(f"{part}: a share is in percent")
            terms.append(Term(found["share"], float(limit[:-1]) / 100))
            continue
        if limit.endswith("%"):
            raise ValueError(f"{part}: a latency is a time")
        measure = found["percentile"] + (" wait" if found["wait"] else "")
        terms.append(Term(measure, parse_duration(limit)))
    # Answers that nobody got are fast: who states no share of errors wants next to none.
    named = {term.measure for term in terms}
    for share in ("throttles", "errors"):
        if share not in named:
            terms.append(Term(share, 0.001))
    return Objective(tuple(terms))
