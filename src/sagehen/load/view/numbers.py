"""The numbers of a moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sagehen.load.measured.tally import Tally, total
from sagehen.load.run.conduct import Progress
from sagehen.traffic.traffic import Traffic

# The newest latencies: what happened minutes ago is in the report.
_LATELY_S = 5.0


class Counted(NamedTuple):
    """Totals at a moment, for the rates since an earlier one."""

    seconds: float
    due: int
    sent: int
    answered: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """Rates are per second since the last moment; latencies in milliseconds, of the last five seconds."""

    elapsed: float
    intended: float
    due: float
    sent: float
    answered: float
    in_flight: int
    p50: float | None
    p95: float | None
    p99: float | None
    whole: Tally
    counted: Counted


def numbers(progress: Progress, traffic: Traffic, before: Counted, slot: float) -> Numbers:
    """Return the numbers of now.

    Args:
        progress: The run's.
        traffic: What is to come.
        before: `Numbers.counted` of the last moment; zeros at first.
        slot: Seconds of a stretch.
    """
    whole = progress.whole
    now = Counted(progress.elapsed, whole.due, whole.sent, whole.succeeded + whole.failed)
    passed = max(now.seconds - before.seconds, 1e-9)
    latency = _lately(progress.tallies, progress.elapsed, slot).latency
    return Numbers(
        progress.elapsed,
        traffic.rate(progress.elapsed),
        (now.due - before.due) / passed,
        (now.sent - before.sent) / passed,
        (now.answered - before.answered) / passed,
        progress.in_flight,
        latency.percentile(50),
        latency.percentile(95),
        latency.percentile(99),
        whole,
        now,
    )


def _lately(tallies: Mapping[int, Tally], elapsed: float, slot: float) -> Tally:
    # The newest stretches, one at least: in a run of a day each is longer than five seconds.
    oldest = min(int(max(elapsed - _LATELY_S, 0.0) / slot), max(tallies, default=0))
    return total({number: tally for number, tally in tallies.items() if number >= oldest})
