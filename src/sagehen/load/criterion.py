"""`--fail-if 'p99>500ms'`: when a run has failed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sagehen.load.measured.tally import Tally
from sagehen.load.target import Function, Target
from sagehen.traffic.durations import duration_text, parse_duration

_LATENCY = re.compile(r"(p\d{1,2}(?:\.\d{1,3})?|p100|max)\s*>\s*(\S+)", re.ASCII)
_COUNT = re.compile(r"(errors|throttles|not-sent|cold-starts)\s*>\s*(\d+(?:\.\d+)?)(%?)", re.ASCII)


class CriterionError(ValueError):
    """Not a criterion; the message says what is one."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A percentile may not be beyond so many milliseconds."""

    percent: float
    limit_ms: float
    text: str

    def broken_by(self, tally: Tally) -> str | None:
        """Say how the run breaks it; None where it keeps it. A run without any latency breaks it."""
        found = tally.latency.percentile(self.percent)
        if found is None:
            return f"{self.text}: nothing succeeded"
        return f"{self.text}: {duration_text(found / 1000)}" if found > self.limit_ms else None


@dataclass(frozen=True, slots=True)
class Count:
    """There may be no more than so many, or no more than so large a share."""

    what: str
    limit: float
    is_share: bool
    text: str

    def broken_by(self, tally: Tally) -> str | None:
        """Say how the run breaks it; None where it keeps it. Shares are of what was due."""
        found = {
            "errors": tally.failed,
            "throttles": tally.throttled,
            "not-sent": tally.not_sent,
            "cold-starts": tally.cold,
        }[self.what]
        if self.is_share:
            share = 100 * found / tally.due if tally.due else 0.0
            return f"{self.text}: {share:.2f}%" if share > self.limit else None
        return f"{self.text}: {found}" if found > self.limit else None


Criterion = Latency | Count


def parse_criterion(text: str) -> Criterion:
    """Return what a text demands.

    Raises:
        CriterionError: It demands nothing that is measured.
    """
    if found := _COUNT.fullmatch(text.strip()):
        return Count(found[1], float(found[2]), found[3] == "%", text.strip())
    if found := _LATENCY.fullmatch(text.strip()):
        percent = 100.0 if found[1] == "max" else float(found[1][1:])
        try:
            return Latency(percent, parse_duration(found[2]) * 1000, text.strip())
        except ValueError as error:
            raise CriterionError(f"{text[:80]!r}: {error}") from None
    raise CriterionError(
        f"{text[:80]!r} is none of p99>500ms (any percentile, or max), errors>1%, throttles>0, not-sent>0, "
        "cold-starts>10"
    )


def require_known(criteria: Iterable[Criterion], target: Target) -> None:
    """Refuse what no run against this target could break.

    Raises:
        CriterionError: Cold starts are asked about where nobody is told of them.
    """
    for criterion in criteria:
        if (
            isinstance(criterion, Count)
            and criterion.what == "cold-starts"
            and not isinstance(target, Function)
        ):
            raise CriterionError(f"{criterion.text!r}: of function:NAME alone cold starts are known")
