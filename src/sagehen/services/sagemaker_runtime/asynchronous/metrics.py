"""AWS's metrics of asynchronous endpoints.

Documented, with names, dimensions and units: SageMaker Developer Guide, Monitor asynchronous endpoint, which
calls its list exhaustive: Invocations, InvocationsPerInstance and OverheadLatency are not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope

_NAMESPACE = "AWS/SageMaker"


@dataclass(slots=True)
class Measured:
    """What one request took; None is what it did not come to.

    Args:
        status: Of the container.
    """

    waited_s: float = 0.0
    whole_s: float = 0.0
    download_s: float | None = None
    model_s: float | None = None
    upload_s: float | None = None
    status: int | None = None
    download_failed: bool = False
    upload_failed: bool = False
    expired: bool = False
    failed: bool = False


def backlog(endpoint: str, waiting: int, instances: int, oldest_age_s: float | None) -> Sequence[MetricValue]:
    """Return an endpoint's own values of this moment. `waiting` counts those under way, too.

    Without an instance there is no size per instance, as AWS has none then: HasBacklogWithoutCapacity is for
    that.
    """
    dimensions = {"EndpointName": endpoint}
    values = [
        MetricValue("ApproximateBacklogSize", waiting, "Count", dimensions),
        MetricValue("HasBacklogWithoutCapacity", float(waiting > 0 and not instances), "Count", dimensions),
        MetricValue("ApproximateAgeOfOldestRequest", oldest_age_s or 0.0, "Seconds", dimensions),
    ]
    if instances:
        per_instance = MetricValue(
            "ApproximateBacklogSizePerInstance", waiting / instances, "Count", dimensions
        )
        values.append(per_instance)
    return values


def processed(endpoint: str, variant: str, one: Measured) -> Sequence[MetricValue]:
    """Return the values of one request that has ended."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}

    def counted(name: str, happened: bool) -> MetricValue:
        return MetricValue(name, float(happened), "Count", dimensions)

    values = [
        # The documentation misspells it; recorded by Cloud Custodian (its docs on SageMaker endpoints).
        counted("InvocationsProcessed", True),
        counted("InvocationFailures", one.failed),
        counted("ExpiredRequests", one.expired),
        counted("RequestDownloadFailures", one.download_failed),
        counted("ResponseUploadFailures", one.upload_failed),
        MetricValue("TimeInBacklog", 1e6 * one.waited_s, "Microseconds", dimensions),
        MetricValue("TotalProcessingTime", 1000 * one.whole_s, "Milliseconds", dimensions),
    ]
    timed = {
        "RequestDownloadLatency": one.download_s,
        "ModelLatency": one.model_s,
        "ResponseUploadLatency": one.upload_s,
    }
    values += [
        MetricValue(name, 1e6 * seconds, "Microseconds", dimensions)
        for name, seconds in timed.items()
        if seconds is not None
    ]
    if one.status is not None:
        values += [
            MetricValue("Invocation4XXErrors", float(400 <= one.status < 500), "None", dimensions),
            MetricValue("Invocation5XXErrors", float(one.status >= 500), "None", dimensions),
        ]
    return values


class AsyncMetrics:
    """Records them."""

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink

    def record(self, scope: Scope, values: Sequence[MetricValue]) -> None:
        """Record values of this moment."""
        self._sink.record(scope, _NAMESPACE, values)
