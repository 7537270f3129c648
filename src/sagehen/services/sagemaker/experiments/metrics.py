"""Metrics of trial components: what `sagemaker-metrics` takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.services.sagemaker.experiments.entity import COMPONENT
from sagehen.services.sagemaker.experiments.metric_records import MetricRecords
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.resources import arns


def _access(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.resource_arn(context.scope, COMPONENT.resource, request.get("TrialComponentName") or "")
    yield Access("sagemaker:BatchPutMetrics", arn)


class Metrics:
    """BatchPutMetrics."""

    def __init__(self, records: ExperimentRecords, metrics: MetricRecords) -> None:
        self._records = records
        self._metrics = metrics

    @operation("BatchPutMetrics", access=_access)
    async def batch_put_metrics(self, context: RequestContext, request: Request) -> Request:
        """Store points of a component; those that are none are told, the others stored.

        Raises:
            ValidationException: No such component.
        """
        name = request["TrialComponentName"]
        component = self._records.lowered(COMPONENT, context.scope, name)
        if component is None:
            raise ValidationException(f"TrialComponent '{name}' does not exist.")
        data: Sequence[Mapping[str, Any]] = request["MetricData"]
        points = [
            (each["MetricName"], each["Timestamp"].timestamp(), each.get("Step") or 0, each["Value"])
            for each in data
        ]
        faults = [index for index, point in enumerate(points) if not math.isfinite(point[3])]
        good = [point for index, point in enumerate(points) if index not in faults]
        if good and not await self._metrics.put(component, good):
            return {"Errors": _errors("METRIC_LIMIT_EXCEEDED", range(len(points)))}
        return {"Errors": _errors("VALIDATION_ERROR", faults)} if faults else {}


def _errors(code: str, indices: Sequence[int]) -> list[dict[str, Any]]:
    return [{"Code": code, "MetricIndex": index} for index in indices]
