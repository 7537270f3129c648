"""How an update goes over: batches of copies, each baking before the next. Pure arithmetic.

Worked example: four copies and MaximumBatchSize 2 copies: two new ones come up beside the four, two old ones
are drained, WaitIntervalInSeconds go by, the other two follow, and bake as well. Without a policy copies go
over one by one and do not bake (ours: AWS says no default).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.endpoints.deployments.alarms import alarm_names


@dataclass(frozen=True, slots=True)
class Batches:
    """Args:
    size: Copies of a batch.
    wait_s: After each.
    timeout_s: Since the update; None is without end.
    """

    size: int = 1
    wait_s: float = 0.0
    timeout_s: float | None = None


def batches_of(config: Mapping[str, Any], copies: int) -> Batches:
    """Return what a DeploymentConfig means for so many copies.

    Raises:
        ValidationException: The size is out of AWS's bounds (documented: 5 to 50 % of the copy count), or an
            alarm has no name. Words: from memory.
        NotImplementedOperation: A rollback in batches.
    """
    alarm_names(config)
    policy = config.get("RollingUpdatePolicy")
    if not policy:
        return Batches()
    if policy.get("RollbackMaximumBatchSize"):
        raise NotImplementedOperation(
            "DeploymentConfig.RollingUpdatePolicy.RollbackMaximumBatchSize is not implemented."
        )
    size, kind = policy["MaximumBatchSize"]["Value"], policy["MaximumBatchSize"]["Type"]
    # One copy is the least that there is, and all that a component of one or two has.
    most = 50 if kind == "CAPACITY_PERCENT" else max(1, copies // 2)
    if size > most or (kind == "CAPACITY_PERCENT" and size < 5):
        raise ValidationException(
            f"MaximumBatchSize {size} of type {kind} is not valid: it must be between 5% and 50% of the copy"
            f" count {copies}."
        )
    count = max(1, copies * size // 100) if kind == "CAPACITY_PERCENT" else size
    return Batches(
        count, float(policy["WaitIntervalInSeconds"]), policy.get("MaximumExecutionTimeoutInSeconds")
    )
