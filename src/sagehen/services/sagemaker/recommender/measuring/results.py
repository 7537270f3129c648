"""Results: what a stage's answers come to, and what a benchmark's stages do. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage.

    Args:
        users: Who asked.
        seconds: How long it took.
        latencies_ms: Of the answers that came, or of a sample of them.
        answers: How many came.
    """

    users: int
    seconds: float
    latencies_ms: Sequence[float]
    answers: int

    @property
    def per_minute(self) -> float:
        """Answers a minute."""
        return 60 * self.answers / self.seconds if self.seconds else 0.0


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of some values, which need not be sorted; 0 of none."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)]


@dataclass(frozen=True, slots=True)
class Conditions:
    """StoppingConditions: what a stage must keep to, to count.

    Args:
        percentile: Of latency; 95 where nothing is said.
        most_ms: It may have; None: whatever it is.
        most_per_minute: Answers at which a benchmark has enough; None: there is no such.
        stops_when_flat: FlatInvocations.
    """

    percentile: float = 95.0
    most_ms: float | None = None
    most_per_minute: float | None = None
    stops_when_flat: bool = True

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Conditions:
        """Return a job's. `acceptance` has checked the percentile's name."""
        given = request.get("StoppingConditions") or {}
        [threshold, *_] = given.get("ModelLatencyThresholds") or [{}]
        name = threshold.get("Percentile", "P95")
        return cls(
            float(name[1:]),
            threshold.get("ValueInMilliseconds"),
            given.get("MaxInvocations"),
            given.get("FlatInvocations", "Stop") == "Stop",
        )

    def are_met(self, stage: StageResult) -> bool:
        """Tell whether no more is to be tried after a stage."""
        if self.most_per_minute is not None and stage.per_minute >= self.most_per_minute:
            return True
        return self.most_ms is not None and percentile(stage.latencies_ms, self.percentile) > self.most_ms


def best_of(stages: Sequence[StageResult], conditions: Conditions) -> StageResult | None:
    """Return the stage of most answers a minute among those within the conditions.

    None of them is: the one of least latency. None has an answer: None.
    """
    answered = [stage for stage in stages if stage.latencies_ms]
    if not answered:
        return None
    within = [
        stage
        for stage in answered
        if conditions.most_ms is None
        or percentile(stage.latencies_ms, conditions.percentile) <= conditions.most_ms
    ]
    if not within:
        return min(answered, key=lambda stage: percentile(stage.latencies_ms, conditions.percentile))
    return max(within, key=lambda stage: stage.per_minute)


def metrics_of(
    stage: StageResult,
    conditions: Conditions,
    usd_per_hour: float | None,
    utilization: Mapping[str, float],
    setup_ms: float | None = None,
) -> dict[str, Any]:
    """Return RecommendationMetrics.

    Args:
        usd_per_hour: Of one instance, at list price; None: it is not known, and no cost is told.
        utilization: `CpuUtilization` and `MemoryUtilization`, in percent, where they were measured.
        setup_ms: Of a serverless endpoint: what its first environment took.
    """
    per_minute = int(stage.per_minute)
    found: dict[str, Any] = {
        "MaxInvocations": per_minute,
        "ModelLatency": max(1, round(percentile(stage.latencies_ms, conditions.percentile))),
        **utilization,
    }
    if usd_per_hour is not None:
        found["CostPerHour"] = usd_per_hour
        if per_minute:
            found["CostPerInference"] = usd_per_hour / 60 / per_minute
    if setup_ms is not None:
        found["ModelSetupTime"] = round(setup_ms)
    return found
