"""Scaling policies as the decisions need them: AWS's configurations, checked and with their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# Seconds, of policies that name none. Documented: API reference, the policies' Cooldown members.
VARIANT_COOLDOWN_S = 300.0
PROVISIONED_CONCURRENCY_COOLDOWN_S = 0.0


class AdjustmentType(Enum):
    """How a step's adjustment is read."""

    CHANGE = "ChangeInCapacity"
    EXACT = "ExactCapacity"
    PERCENT = "PercentChangeInCapacity"


@dataclass(frozen=True, slots=True)
class StepAdjustment:
    """One step. The bounds are differences to the alarm's threshold; None is infinite.

    At or above the threshold the lower bound belongs to the step and the upper does not; below it the other
    way round. Documented: Application Auto Scaling User Guide, Step scaling policies.
    """

    lower: float | None
    upper: float | None
    adjustment: int

    def holds(self, breach: float) -> bool:
        """Tell whether the step is for a metric that is `breach` away from the threshold."""
        lower = float("-inf") if self.lower is None else self.lower
        upper = float("inf") if self.upper is None else self.upper
        return lower <= breach < upper if breach >= 0 else lower < breach <= upper


@dataclass(frozen=True, slots=True)
class StepPolicy:
    """StepScalingPolicyConfiguration.

    Args:
        adjustment_type: How adjustments are read.
        steps: Without gaps and overlaps, checked by whoever made the policy.
        cooldown_s: Seconds; 300 unless said otherwise for most dimensions (documented in the API reference).
        min_magnitude: The least change of a percentage, in units of capacity; 0 sets none.
    """

    adjustment_type: AdjustmentType
    steps: tuple[StepAdjustment, ...]
    cooldown_s: float = 300.0
    min_magnitude: int = 0


@dataclass(frozen=True, slots=True)
class TargetTrackingPolicy:
    """TargetTrackingScalingPolicyConfiguration.

    Args:
        target: The value that the metric is kept at, in the metric's own unit.
        scale_out_cooldown_s: Seconds after a scale-out.
        scale_in_cooldown_s: Seconds after a scale-in.
        disable_scale_in: The policy never takes capacity away.
    """

    target: float
    scale_out_cooldown_s: float = 300.0
    scale_in_cooldown_s: float = 300.0
    disable_scale_in: bool = False


Policy = StepPolicy | TargetTrackingPolicy
