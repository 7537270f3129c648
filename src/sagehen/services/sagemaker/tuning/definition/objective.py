"""The objective of a tuning job: which metric, and which of two values is better. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Objective:
    """A HyperParameterTuningJobObjective."""

    metric: str
    maximize: bool

    @classmethod
    def of(cls, member: Mapping[str, str]) -> Objective:
        """Read it as a request has it."""
        return cls(member["MetricName"], member["Type"] == "Maximize")

    @property
    def kind(self) -> str:
        """As AWS spells it."""
        return "Maximize" if self.maximize else "Minimize"

    def better(self, one: float, other: float) -> bool:
        """Tell whether one value is better than another."""
        return one > other if self.maximize else one < other

    def best(self, one: float, other: float) -> float:
        """Return the better of two values."""
        return one if self.better(one, other) else other

    def reached(self, value: float, target: float) -> bool:
        """Tell whether a value is as good as a target."""
        return not self.better(target, value)
