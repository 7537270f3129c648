"""What PutScalingPolicy accepts, and the policies of `sagehen.autoscaling` that it makes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.autoscaling.policy import (
    AdjustmentType,
    Policy,
    StepAdjustment,
    StepPolicy,
    TargetTrackingPolicy,
)
from sagehen.services.application_autoscaling.errors import LimitExceededException, ValidationException
from sagehen.services.application_autoscaling.policies.policy import ScalingPolicy
from sagehen.services.application_autoscaling.targets.dimensions import Dimension

# User Guide, Quotas.
MOST_STEPS = 20
# The API reference: a target value is neither too small nor too large.
LEAST_TARGET, GREATEST_TARGET = 2.0**-360, 2.0**360


def checked_steps(dimension: Dimension, configuration: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a StepScalingPolicyConfiguration, checked. The rules are the User Guide's, the wordings from
    memory.

    Raises:
        ValidationException: Of another kind of target, incomplete, or with gaps or overlaps.
        LimitExceededException: More than 20 steps.
    """
    if not dimension.steps:
        raise ValidationException(f"Step scaling policies are not supported for {dimension.name}.")
    if configuration is None:
        raise ValidationException("StepScalingPolicyConfiguration is required for a step scaling policy.")
    if configuration.get("AdjustmentType") is None:
        raise ValidationException("You must specify an AdjustmentType for step scaling policies.")
    steps = configuration.get("StepAdjustments") or []
    if not steps:
        raise ValidationException("At least one StepAdjustment must be specified.")
    if len(steps) > MOST_STEPS:
        raise LimitExceededException(f"A step scaling policy can have at most {MOST_STEPS} step adjustments.")
    if configuration["AdjustmentType"] == "ExactCapacity" and any(s["ScalingAdjustment"] < 0 for s in steps):
        raise ValidationException("ScalingAdjustment must be positive for the ExactCapacity adjustment type.")
    magnitude = configuration.get("MinAdjustmentMagnitude")
    if magnitude is not None and configuration["AdjustmentType"] != "PercentChangeInCapacity":
        raise ValidationException(
            "MinAdjustmentMagnitude is only supported for the PercentChangeInCapacity adjustment type."
        )
    _check_not_negative(configuration, "Cooldown", "MinAdjustmentMagnitude")
    _check_intervals(steps)
    return dict(configuration)


def checked_tracking(dimension: Dimension, configuration: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a TargetTrackingScalingPolicyConfiguration, checked; its metric is checked with its alarms.

    Raises:
        ValidationException: Incomplete, with two metrics or none, or of a target that is no positive number.
    """
    if configuration is None:
        raise ValidationException(
            "TargetTrackingScalingPolicyConfiguration is required for a target tracking scaling policy."
        )
    specifications = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
    if sum(configuration.get(name) is not None for name in specifications) != 1:
        raise ValidationException(f"Exactly one of {' and '.join(specifications)} must be specified.")
    if not configuration["TargetValue"] > 0:
        raise ValidationException("TargetValue must be greater than 0.")
    if not LEAST_TARGET <= configuration["TargetValue"] <= GREATEST_TARGET:
        raise ValidationException("TargetValue must be between 2^-360 and 2^360.")
    _check_not_negative(configuration, "ScaleOutCooldown", "ScaleInCooldown")
    return dict(configuration)


def decided_policy(policy: ScalingPolicy) -> Policy:
    """Return a kept policy as decisions take it, with the defaults of its dimension."""
    settings, default_s = policy.configuration, policy.key.kind.cooldown_s
    if policy.tracks:
        return TargetTrackingPolicy(
            target=settings["TargetValue"],
            scale_out_cooldown_s=settings.get("ScaleOutCooldown", default_s),
            scale_in_cooldown_s=settings.get("ScaleInCooldown", default_s),
            disable_scale_in=policy.disables_scale_in,
        )
    steps = tuple(
        StepAdjustment(
            step.get("MetricIntervalLowerBound"),
            step.get("MetricIntervalUpperBound"),
            step["ScalingAdjustment"],
        )
        for step in settings["StepAdjustments"]
    )
    return StepPolicy(
        AdjustmentType(settings["AdjustmentType"]),
        steps,
        settings.get("Cooldown", default_s),
        settings.get("MinAdjustmentMagnitude") or 0,
    )


def _check_not_negative(configuration: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if (configuration.get(name) or 0) < 0:
            raise ValidationException(f"{name} must be greater than or equal to 0.")


def _check_intervals(steps: Sequence[Mapping[str, Any]]) -> None:
    bounds = [(step.get("MetricIntervalLowerBound"), step.get("MetricIntervalUpperBound")) for step in steps]
    # A double may be "NaN" or "Infinity" on the wire.
    if not all(math.isfinite(bound) for pair in bounds for bound in pair if bound is not None):
        raise ValidationException("A step adjustment's bounds must be finite; an infinite one is left out.")
    if any(lower is None and upper is None for lower, upper in bounds) and len(bounds) > 1:
        raise ValidationException("The upper and lower bound can't be null in the same step adjustment.")
    infinite = float("inf")
    spans = sorted((-infinite if a is None else a, infinite if b is None else b) for a, b in bounds)
    if any(lower >= upper for lower, upper in spans):
        raise ValidationException("A step adjustment's lower bound must be less than its upper bound.")
    for (_, upper), (lower, _) in itertools.pairwise(spans):
        if upper > lower:
            raise ValidationException("StepAdjustment intervals can't overlap.")
        if upper < lower:
            raise ValidationException("StepAdjustment intervals can't have gaps between them.")
    if spans[0][0] < 0 and spans[0][0] != -infinite:
        raise ValidationException(
            "There must be a step adjustment with an unspecified lower bound where one has a negative lower"
            " bound."
        )
    if spans[-1][1] > 0 and spans[-1][1] != infinite:
        raise ValidationException(
            "There must be a step adjustment with an unspecified upper bound where one has a positive upper"
            " bound."
        )
