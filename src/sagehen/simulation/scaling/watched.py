"""WatchedPolicy: a scaling policy with the alarms that have it as their action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sagehen.alarms.condition import Condition
from sagehen.autoscaling.policy import Policy, StepPolicy, TargetTrackingPolicy
from sagehen.autoscaling.target_tracking import watches

# InvocationsPerInstance is a sum over the minute; ModelLatency an average, in microseconds; Utilization is
# LambdaProvisionedConcurrencyUtilization's average, a share.
Metric = Literal["InvocationsPerInstance", "Invocations", "ModelLatency", "Utilization"]


@dataclass(frozen=True, slots=True)
class WatchedAlarm:
    """One alarm of a policy.

    Args:
        name: Its last part, as activities show it.
        metric: What it watches.
        condition: When it is in ALARM.
        is_low: It is the low alarm of a target tracking policy.
    """

    name: str
    metric: Metric
    condition: Condition
    is_low: bool = False


@dataclass(frozen=True, slots=True)
class WatchedPolicy:
    """A policy with its alarms.

    Args:
        aggregation: MetricAggregationType of a step policy.
    """

    name: str
    policy: Policy
    alarms: tuple[WatchedAlarm, ...]
    aggregation: str = "Average"


def tracking(name: str, policy: TargetTrackingPolicy, metric: Metric) -> WatchedPolicy:
    """Return a target tracking policy with the alarms that Application Auto Scaling makes for it."""
    high, low = watches(policy.target)
    sides = [("AlarmHigh", high, False)]
    if not policy.disable_scale_in:
        sides.append(("AlarmLow", low, True))
    alarms = [
        WatchedAlarm(
            side,
            metric,
            Condition(watch.comparison, watch.threshold, watch.periods, None, "missing", 60),
            is_low,
        )
        for side, watch, is_low in sides
    ]
    return WatchedPolicy(name, policy, tuple(alarms))


def stepping(
    name: str, policy: StepPolicy, metric: Metric, condition: Condition, aggregation: str = "Average"
) -> WatchedPolicy:
    """Return a step policy with the alarm that its owner made for it."""
    return WatchedPolicy(name, policy, (WatchedAlarm(name, metric, condition),), aggregation)
