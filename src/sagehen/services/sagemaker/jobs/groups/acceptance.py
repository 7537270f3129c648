"""Which instances a request may ask for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.process_text import first_fault
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.supply import quotas

# AWS's usual quota (from memory; accounts differ); also, every instance of a job needs a loopback address of
# its own.
_MAX_INSTANCES = 20


def check(
    resources: Mapping[str, Any] | None, usage: str = quotas.TRAINING, member: str = "ResourceConfig"
) -> None:
    """Check a ResourceConfig: one type, or groups of several.

    The words are from memory. Documented: InstanceGroups stands in the place of InstanceType and
    InstanceCount (SDK v2, `Estimator`).

    Args:
        usage: What the instances are for, as quotas name it.
        member: What the request calls it.

    Raises:
        ValidationException: Neither or both are given, a type that nobody knows, no instances, two groups
            of one name.
        ResourceLimitExceeded: More instances than one job may have.
    """
    resources = resources or {}
    groups = resources.get("InstanceGroups") or ()
    if groups:
        _check_groups(resources, groups)
    elif "InstanceType" not in resources:
        raise ValidationException("InstanceType and InstanceCount must be provided in ResourceConfig.")
    counts: Counter[str] = Counter()
    for group in groups or (resources,):
        instance_limits.on_this_host(group["InstanceType"])
        count = group.get("InstanceCount", 1)
        if count < 1:
            raise ValidationException(f"InstanceCount in {member} must be at least 1.")
        counts[group["InstanceType"]] += count
        if counts.total() > _MAX_INSTANCES:
            wanted = counts[group["InstanceType"]]
            raise quotas.exceeded(group["InstanceType"], usage, _MAX_INSTANCES, 0, wanted)


def _check_groups(resources: Mapping[str, Any], groups: Any) -> None:
    for member in ("InstanceType", "InstanceCount"):
        if member in resources:
            raise ValidationException(
                f"{member} must not be provided in ResourceConfig when InstanceGroups is provided."
            )
    names = [group["InstanceGroupName"] for group in groups]
    if fault := first_fault({}, names):  # they become variables
        raise ValidationException(f"Invalid InstanceGroupName: {fault[0]}: {fault[1]}.")
    if len(set(names)) != len(names):
        raise ValidationException("Duplicate InstanceGroupName in InstanceGroups. Names must be unique.")
