"""Search: candidates where a plan names none, run coarsely, the best of them again in full.

At most forty coarse runs and twenty full ones. No optimum is promised: it is the cheapest of what was tried,
and it holds for another draw of the same traffic, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from sagehen.simulation.bill.bill import bill
from sagehen.simulation.bill.prices import Prices
from sagehen.simulation.choice.best import SAME, best, nearest
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
_SHORT = {"scale_out_cooldown": "out", "scale_in_cooldown": "in"}

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
        # What fails another draw is often followed by what is like it: the steps grow. The dearest is last,
        # before it is said that nothing will do.
        tries = sorted({n for n in _TRIES if n < len(ranked)} | set(range(len(ranked))[-1:]))
        for outcome in [ranked[n] for n in tries]:
            full = self._run(self._rehearsal, outcome.candidate, self._full)
            shown[full.candidate.name] = full
            if self.objective.holds(full) and self._holds_again(full.candidate):
                chosen = full
                break
        if not shown:
            closest = self._run(self._rehearsal, nearest(found, self.objective).candidate, self._full)
            shown[closest.candidate.name] = closest
        self._show(others, shown)
        if chosen is not None:
            self._show(self._neighbours(chosen, list(shown.values())), shown)
        return sorted(shown.values(), key=lambda one: one.dollars), chosen

    def fixed(self) -> Candidate | None:
        """Return the cheapest that never changes and meets the objective."""
        still = [one for one in self._found.values() if not one.candidate.policies]
        found = best(still, self.objective)
        return None if found is None else found.candidate

    def _show(self, candidates: Iterable[Candidate], shown: dict[str, Outcome]) -> None:
        for candidate in candidates:
            if candidate.name not in shown:
                shown[candidate.name] = self._run(self._rehearsal, candidate, self._full)

    def _neighbours(self, chosen: Outcome, shown: Sequence[Outcome]) -> Iterator[Candidate]:
        """Yield what a little less and a little more money gives, where nothing that is shown says it."""
        found, paid = self._found.values(), self._found[chosen.candidate.name].dollars
        if not any(one.dollars * SAME < chosen.dollars for one in shown):
            cheaper = [one for one in found if one.dollars * SAME < paid]
            yield from (one.candidate for one in sorted(cheaper, key=lambda one: one.dollars)[-1:])
        if not any(one.dollars > chosen.dollars * SAME for one in shown):
            dearer = [one for one in found if one.dollars > paid * SAME]
            dearer = [one for one in dearer if self.objective.holds(one)] or dearer
            yield from (one.candidate for one in sorted(dearer, key=lambda one: one.dollars)[:1])

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
    """Return it under a name that says its settings, in short."""
    words = ", ".join(f"{_SHORT.get(key, key)} {value}" for key, value in candidate.shown.items())
    return replace(candidate, name=words)
