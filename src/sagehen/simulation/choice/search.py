"""Search: candidates where a plan names none, run coarsely, the best of them again in full.

At most forty coarse runs and ten full ones. No optimum is promised: it is the cheapest of what was tried, and
it holds for another draw of the same traffic, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sagehen.simulation.bill.bill import bill
from sagehen.simulation.bill.prices import Prices
from sagehen.simulation.choice.best import best, nearest
from sagehen.simulation.choice.objective import Objective
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import Pace, pace_of
from sagehen.simulation.runs.rehearse import Rehearsal, Site
from sagehen.simulation.runs.sites import Candidate
from sagehen.traffic.traffic import Traffic

# Requests of a coarse run: p99 stands on a thousand.
COARSE = 100_000
_MOST_COARSE = 40
_TRIES = (0, 1, 3, 6, 10, 15)

Progress = Callable[[int, str], None]


class Search:
    """Runs candidates and remembers what came out.

    Args:
        site, traffic, prices, objective, seed: Of the plan.
        requests: Of a full run; None serves each.
        progress: Told how many were run, and which one comes.
    """

    def __init__(
        self,
        site: Site,
        traffic: Traffic,
        prices: Prices,
        objective: Objective,
        seed: int,
        requests: int | None,
        progress: Progress,
    ) -> None:
        self.site, self.traffic, self.objective = site, traffic, objective
        self._prices, self._progress = prices, progress
        self._rehearsal = Rehearsal(site, traffic, seed)
        self._another = Rehearsal(site, traffic, seed + 1)
        self._coarse, self._full = pace_of(traffic, COARSE), pace_of(traffic, requests)
        self._found: dict[str, Outcome] = {}
        self._runs = 0

    def coarse(self, candidates: Iterable[Candidate]) -> list[Outcome]:
        """Run candidates coarsely, up to the bound; return all that was found so far."""
        for candidate in candidates:
            if candidate.name not in self._found and len(self._found) < _MOST_COARSE:
                self._found[candidate.name] = self._run(self._rehearsal, candidate, self._coarse)
        return list(self._found.values())

    def settle(self, others: Sequence[Candidate] = ()) -> tuple[list[Outcome], Outcome | None]:
        """Run the best in full, until one holds for another draw as well.

        Args:
            others: To be shown beside it.

        Returns:
            What was run in full, and the one to take; None where nothing meets the objective.
        """
        found = list(self._found.values())
        ranked = sorted((one for one in found if self.objective.holds(one)), key=lambda one: one.dollars)
        shown: dict[str, Outcome] = {}
        chosen: Outcome | None = None
        # What fails another draw is often followed by what is like it: the steps grow.
        for outcome in [ranked[n] for n in _TRIES if n < len(ranked)]:
            full = self._run(self._rehearsal, outcome.candidate, self._full)
            shown[full.candidate.name] = full
            if self.objective.holds(full) and self._holds_again(full.candidate):
                chosen = full
                break
        if not shown:
            closest = self._run(self._rehearsal, nearest(found, self.objective).candidate, self._full)
            shown[closest.candidate.name] = closest
        for candidate in [*others, *([] if len(shown) > 1 else self._cheaper(chosen))]:
            if candidate.name not in shown:
                shown[candidate.name] = self._run(self._rehearsal, candidate, self._full)
        return sorted(shown.values(), key=lambda one: one.dollars), chosen

    def fixed(self) -> Candidate | None:
        """Return the cheapest that never changes and meets the objective."""
        still = [one for one in self._found.values() if not one.candidate.policies]
        found = best(still, self.objective)
        return None if found is None else found.candidate

    def _cheaper(self, chosen: Outcome | None) -> list[Candidate]:
        """Return the next cheaper one, which misses the objective: what a little less money gives."""
        if chosen is None:
            return []
        cheaper = [one for one in self._found.values() if one.dollars < 0.995 * chosen.dollars]
        return [max(cheaper, key=lambda one: one.dollars).candidate] if cheaper else []

    def _holds_again(self, candidate: Candidate) -> bool:
        return self.objective.holds(self._run(self._another, candidate, self._full))

    def _run(self, rehearsal: Rehearsal, candidate: Candidate, pace: Pace) -> Outcome:
        self._progress(self._runs, candidate.name)
        self._runs += 1
        outcome = rehearsal.run(candidate, pace)
        outcome.cost = bill(outcome, self.site, self._prices)
        return outcome


def peak(traffic: Traffic, share: float = 1.0) -> float:
    """Return the rate of the busiest minute, or that which a share of the minutes does not exceed."""
    step = max(60.0, traffic.duration / 2000)
    count = max(1, round(traffic.duration / step))
    rates = sorted(
        traffic.expected(n * traffic.duration / count, (n + 1) * traffic.duration / count)
        / (traffic.duration / count)
        for n in range(count)
    )
    return rates[min(len(rates) - 1, int(share * (len(rates) - 1)))]


def named(candidate: Candidate) -> Candidate:
    """Return it under a name that says its settings."""
    return replace(candidate, name=", ".join(f"{key} {value}" for key, value in candidate.shown.items()))
