"""Baselines of before: of the latest approved model package of a group, asked with the pipeline's role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.pipelines.executions.checks import Check
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.running.parts import Parts

_LATEST_APPROVED = {
    "ModelApprovalStatus": "Approved",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
    "MaxResults": 1,
}


async def with_baseline(parts: Parts, execution: Execution, check: Check) -> Check:
    """Return a check with the baseline that it needs.

    Raises:
        Unresolved: There is none.
        CallFailed: The group cannot be asked.
    """
    package = (
        await _latest_approved(parts, execution, check.group) if check.asks_group and check.group else None
    )
    return check.with_baseline(package)


async def _latest_approved(parts: Parts, execution: Execution, group: str) -> Mapping[str, Any] | None:
    role, region = execution.role_arn, execution.scope.region
    request = {"ModelPackageGroupName": group, **_LATEST_APPROVED}
    found = await parts.calls.call(role, region, "ListModelPackages", request)
    for summary in found.get("ModelPackageSummaryList") or ():
        named = {"ModelPackageName": summary["ModelPackageArn"]}
        return await parts.calls.call(role, region, "DescribeModelPackage", named)
    return None
