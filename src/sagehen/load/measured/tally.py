"""Tally: what became of the requests that were due in a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sagehen.load.measured.histogram import Histogram

# Of one target there are a few; a server that invents a code for each request is cut off here.
_MOST_KINDS = 64
_OTHERS = "others"
_FIRST_CHARACTERS = 300


@dataclass(slots=True)
class Failure:
    """One kind of failure: how often, and what the first one said."""

    count: int = 0
    throttled: bool = False
    first: str = ""


@dataclass(slots=True)
class Tally:
    """Counts; a request belongs to the stretch in which it was due, however late its answer.

    Attributes:
        due: Were to be sent.
        sent: Left.
        not_sent: Did not, since too many were under way.
        succeeded: Were answered, and not with an error.
        cold: Were answered by a function's new environment.
        failures: By kind, such as `429 ThrottlingException` or `timeout`.
        latency: Of those that succeeded and of those given up, from when they were due.
        init: Init Duration of cold starts.
        lateness: By how much this generator was late itself.
    """

    due: int = 0
    sent: int = 0
    not_sent: int = 0
    succeeded: int = 0
    cold: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)
    latency: Histogram = field(default_factory=Histogram)
    init: Histogram = field(default_factory=Histogram)
    lateness: Histogram = field(default_factory=Histogram)

    @property
    def failed(self) -> int:
        """How many were answered with an error, or not at all."""
        return sum(failure.count for failure in self.failures.values())

    @property
    def throttled(self) -> int:
        """How many of those were refused since there were too many."""
        return sum(failure.count for failure in self.failures.values() if failure.throttled)

    @property
    def under_way(self) -> int:
        """How many have no answer yet."""
        return self.sent - self.succeeded - self.failed

    def fail(self, kind: str, *, throttled: bool = False, first: str = "", count: int = 1) -> None:
        """Count failures of one kind; what the first one said is kept."""
        if kind not in self.failures and len(self.failures) >= _MOST_KINDS:
            kind = _OTHERS
        failure = self.failures.setdefault(
            kind, Failure(throttled=throttled, first=first[:_FIRST_CHARACTERS])
        )
        failure.count += count

    def add(self, other: Tally) -> None:
        """Count what another one has counted."""
        self.due += other.due
        self.sent += other.sent
        self.not_sent += other.not_sent
        self.succeeded += other.succeeded
        self.cold += other.cold
        for kind, failure in other.failures.items():
            self.fail(kind, throttled=failure.throttled, first=failure.first, count=failure.count)
        self.latency.add(other.latency)
        self.init.add(other.init)
        self.lateness.add(other.lateness)

    def packed(self) -> list[Any]:
        """Return it as plain lists, for JSON between processes."""
        return [
            [self.due, self.sent, self.not_sent, self.succeeded, self.cold],
            [[kind, one.count, one.throttled, one.first] for kind, one in self.failures.items()],
            *([*each.counts.items()] for each in (self.latency, self.init, self.lateness)),
        ]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> Tally:
        """Return what `packed` has packed."""
        counts, failures, *histograms = packed
        due, sent, not_sent, succeeded, cold = counts
        latency, init, lateness = map(Histogram, histograms)
        return cls(
            due,
            sent,
            not_sent,
            succeeded,
            cold,
            {kind: Failure(count, throttled, first) for kind, count, throttled, first in failures},
            latency,
            init,
            lateness,
        )


def total(tallies: dict[int, Tally]) -> Tally:
    """Return the sum of all stretches."""
    result = Tally()
    for tally in tallies.values():
        result.add(tally)
    return result
