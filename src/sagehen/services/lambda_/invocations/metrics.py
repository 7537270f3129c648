"""InvocationMetrics: what CloudWatch's namespace AWS/Lambda gets to know.

Every value goes out for the function and for the account; a qualified invocation also for its
Resource (`name:qualifier`), as on AWS.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.provisioning import Provisioning
from sagehen.services.lambda_.invocations.dispatch import Dispatched
from sagehen.services.lambda_.names import FunctionReference

NAMESPACE = "AWS/Lambda"
_MILLISECONDS = "Milliseconds"
_NO_DIMENSIONS: Mapping[str, str] = {}


class InvocationMetrics:
    """Records values as they happen; the sink adds them up by the minute."""

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink
        # Building dimensions costs more than recording a value.
        self._dimensions: dict[FunctionReference, tuple[Mapping[str, str], ...]] = {}

    def invoked(self, reference: FunctionReference, done: Dispatched) -> None:
        """Record an invocation that ran, well or not."""
        failed = 1.0 if done.outcome.function_error else 0.0
        values = [
            ("Invocations", 1.0, "Count"),
            ("Errors", failed, "Count"),
            ("Duration", done.outcome.duration_ms, _MILLISECONDS),
        ]
        # On AWS a provisioned invocation has no Throttles of 0 (from memory).
        if not done.provisioned:
            values.append(("Throttles", 0.0, "Count"))
        if done.outcome.post_runtime_ms is not None:
            values.append(("PostRuntimeExtensionsDuration", done.outcome.post_runtime_ms, _MILLISECONDS))
        self._record(reference, values)
        self._sink.record(
            reference.scope,
            NAMESPACE,
            [
                MetricValue(
                    "ConcurrentExecutions", done.busy.function, "Count", {"FunctionName": reference.name}
                ),
                MetricValue("ConcurrentExecutions", done.busy.account, "Count"),
                MetricValue("UnreservedConcurrentExecutions", done.busy.unreserved, "Count"),
            ],
        )
        if done.provisioned:
            self._record(reference, [("ProvisionedConcurrencyInvocations", 1.0, "Count")])
        elif done.spilled:
            self._record(reference, [("ProvisionedConcurrencySpilloverInvocations", 1.0, "Count")])

    def throttled(self, reference: FunctionReference) -> None:
        """Record a throttled request: neither an invocation nor an error."""
        self._record(reference, [("Throttles", 1.0, "Count")])

    def queued(self, reference: FunctionReference) -> None:
        """Record an asynchronous event that was acknowledged."""
        self._record(reference, [("AsyncEventsReceived", 1.0, "Count")])

    def attempted(self, reference: FunctionReference, age_ms: float) -> None:
        """Record how old an asynchronous event is when the function gets it."""
        self._record(reference, [("AsyncEventAge", age_ms, _MILLISECONDS)])

    def dropped(self, reference: FunctionReference) -> None:
        """Record an event that was given up."""
        self._record(reference, [("AsyncEventsDropped", 1.0, "Count")])

    def recursion_stopped(self, reference: FunctionReference) -> None:
        """Record an invocation that was stopped for being part of a loop."""
        self._record(reference, [("RecursiveInvocationsDropped", 1.0, "Count")])

    def undelivered(self, reference: FunctionReference) -> None:
        """Record a destination that could not have its event."""
        self._record(reference, [("DestinationDeliveryFailures", 1.0, "Count")])

    def url_answered(self, reference: FunctionReference, status: int, latency_ms: float) -> None:
        """Record a request to a function URL, until its answer began, whoever gave that."""
        # https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html
        self._record(
            reference,
            [
                ("UrlRequestCount", 1.0, "Count"),
                ("Url4xxCount", float(status // 100 == 4), "Count"),
                ("Url5xxCount", float(status // 100 == 5), "Count"),
                ("UrlRequestLatency", latency_ms, _MILLISECONDS),
            ],
        )

    def provisioned(self, provisioning: Provisioning) -> None:
        """Record how much of the provisioned concurrency is in use, busy or not."""
        for reference, allocation in provisioning.allocations():
            busy, allocated = len(allocation.busy), allocation.allocated
            dimensions = _dimensions(reference)[-1]
            self._sink.record(
                reference.scope,
                NAMESPACE,
                [
                    MetricValue("ProvisionedConcurrentExecutions", busy, "Count", dimensions),
                    MetricValue(
                        "ProvisionedConcurrencyUtilization",
                        busy / allocated if allocated else 0.0,
                        "None",
                        dimensions,
                    ),
                ],
            )

    def _record(self, reference: FunctionReference, values: list[tuple[str, float, str]]) -> None:
        sets = self._dimensions.get(reference)
        if sets is None:
            # References that were invoked: aliases and versions that are gone must not stay.
            if len(self._dimensions) > 10_000:
                self._dimensions.clear()
            sets = self._dimensions[reference] = _dimensions(reference)
        scope: Scope = reference.scope
        self._sink.record(
            scope,
            NAMESPACE,
            [MetricValue(name, value, unit, one) for name, value, unit in values for one in sets],
        )


def _dimensions(reference: FunctionReference) -> tuple[Mapping[str, str], ...]:
    function = {"FunctionName": reference.name}
    if not reference.qualifier:
        return (_NO_DIMENSIONS, function)
    resource = {"FunctionName": reference.name, "Resource": f"{reference.name}:{reference.qualifier}"}
    return (_NO_DIMENSIONS, function, resource)
