"""What DescribeModel tells of a model: what was asked for. Pure."""

from __future__ import annotations

from typing import Any

from sagehen.services.sagemaker.models.records import RESOLVED, ModelRecord


def describe(record: ModelRecord) -> dict[str, Any]:
    """Return DescribeModel's answer."""
    return {
        "EnableNetworkIsolation": False,
        **{member: value for member, value in record.request.items() if member != RESOLVED},
        "ModelArn": record.arn,
        "CreationTime": record.created_at,
    }
