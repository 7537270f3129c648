"""What a target tracking policy asks for."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from sagehen.autoscaling.policy import TargetTrackingPolicy

# The low alarm watches this share of the target: scaling in begins only when the metric is well below it.
# Documented ("usually more than 10% lower", User Guide) and for Lambda as 90 %; from memory for SageMaker.
LOW_SHARE = 0.9
# How many minutes in a row. Recorded (GitHub aws/containers-roadmap 1208, and alarms that people show).
HIGH_PERIODS, LOW_PERIODS = 3, 15
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Watch:
    """What one of a policy's two alarms watches for, in CloudWatch's words."""

    comparison: str
    threshold: float
    periods: int


def watches(target: float, period_s: int = _MINUTE_S) -> tuple[Watch, Watch]:
    """Return what the high and the low alarm of a policy with this target watch for.

    Args:
        period_s: Of the metric. With one of 10 s the low alarm looks at 90 (recorded, of copies of inference
            components), which is as long; the high one at 3 as well (from memory), which is what it is for.
    """
    return (
        Watch("GreaterThanThreshold", target, HIGH_PERIODS),
        Watch("LessThanThreshold", LOW_SHARE * target, LOW_PERIODS * _MINUTE_S // period_s),
    )


def tracked_capacity(policy: TargetTrackingPolicy, value: float, base: int) -> int:
    """Return the capacity at which the metric would be at its target, rounded up; not yet bounded.

    The metric is one of utilization: it falls in proportion to capacity. Rounding up is careful in both
    directions: enough is added, and not too much taken away (User Guide, Considerations). AWS does not
    publish its formula; this one agrees with what people report of it.

    Args:
        policy: The policy.
        value: The metric.
        base: The capacity under which it was measured.
    """
    wanted = base * value / policy.target
    if math.isinf(wanted):  # a metric expression may yield what no instance count is; bounds cut it
        wanted = math.copysign(sys.float_info.max, wanted)
    # 3 * 0.7 / 0.7 is 3.0000000000000004 in binary: that is no fourth instance.
    return max(0, math.ceil(round(wanted, 9)))
