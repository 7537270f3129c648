"""What an alarm saw, read from the event that it hands to its actions. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.autoscaling.observation import stepped_value, tracked_value
from sagehen.services.application_autoscaling.policies.policy import ScalingPolicy


@dataclass(frozen=True, slots=True)
class Observation:
    """An alarm of a policy, as it was when it acted.

    Args:
        alarm: Its name.
        state: Its state.
        value: The metric as the policy reads it; None where there was no data.
        threshold: The alarm's.
    """

    alarm: str
    state: str
    value: float | None
    threshold: float


def observed(event: Mapping[str, Any], policy: ScalingPolicy) -> Observation:
    """Read an alarm's event for one of its policies.

    AWS says that steps aggregate "the most recent metric data points": see `autoscaling/observation.py`.
    """
    alarm = event["alarmData"]
    state = alarm["state"]
    data = json.loads(state.get("reasonData") or "{}")
    points = [point for point in data.get("recentDatapoints") or [] if point is not None]
    name = alarm["alarmName"]
    value = _value(points, policy, is_low=name == policy.low_alarm) if points else None
    return Observation(name, state["value"], value, float(data.get("threshold", 0.0)))


def _value(points: list[float], policy: ScalingPolicy, *, is_low: bool) -> float:
    if policy.tracks:
        return tracked_value(points, is_low=is_low)
    return stepped_value(points, policy.configuration.get("MetricAggregationType") or "")
