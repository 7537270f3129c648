"""GetScalingConfigurationRecommendation: settings of autoscaling out of what was measured. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

# Documented: Get autoscaling policy recommendations, TargetCpuUtilizationPerCore is 50 where it is not given,
# and Load testing your auto scaling configuration, a safety factor of 0.5. That an instance's processors are
# busy in proportion to its invocations is ours.
_TARGET_PERCENT = 50
# From memory, as is the name of the metric below.
_IN_S, _OUT_S = 300, 300


def recommended(
    metrics: Mapping[str, Any], objective: Mapping[str, Any], target_cpu: int | None
) -> dict[str, Any]:
    """Return `Metric` and `DynamicScalingConfiguration`.

    Args:
        metrics: RecommendationMetrics of an instance.
        objective: ScalingPolicyObjective: invocations a minute that are expected.
        target_cpu: TargetCpuUtilizationPerCore, in percent.
    """
    most = metrics["MaxInvocations"]
    target = max(1, math.floor(most * (target_cpu or _TARGET_PERCENT) / 100))
    lowest, highest = objective.get("MinInvocationsPerMinute", 1), objective.get("MaxInvocationsPerMinute")
    least = max(1, math.ceil(lowest / target))
    return {
        "Metric": {"InvocationsPerInstance": most, "ModelLatency": metrics["ModelLatency"]},
        "DynamicScalingConfiguration": {
            "MinCapacity": least,
            "MaxCapacity": max(least, math.ceil((highest or lowest) / target)),
            "ScaleInCooldown": _IN_S,
            "ScaleOutCooldown": _OUT_S,
            "ScalingPolicies": [
                {
                    "TargetTracking": {
                        "MetricSpecification": {
                            "Predefined": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
                        },
                        "TargetValue": float(target),
                    }
                }
            ],
        },
    }
