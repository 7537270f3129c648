"""AWS's own metrics of invocations, per endpoint and variant."""

from __future__ import annotations

from collections.abc import Iterable

from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope

# Documented, with all names and units below: SageMaker Developer Guide, Endpoint invocation metrics.
_NAMESPACE = "AWS/SageMaker"
_COUNTED = ("Invocations", "InvocationsPerInstance")


class InvocationMetrics:
    """Records what one invocation was. Cheap: one call of the sink, seven small objects.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    """

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink
        self._dimensions: dict[tuple[str, str], dict[str, str]] = {}
        # (scope, endpoint, variant) of what was invoked since the last look of `idle`.
        self._invoked: set[tuple[Scope, str, str]] = set()

    def record(
        self,
        scope: Scope,
        endpoint: str,
        variant: str,
        *,
        status: int,
        model_us: float | None,
        total_us: float,
        instances: int,
    ) -> None:
        """Record one invocation.

        Args:
            status: What the caller is answered: 200, 4xx (424 is a model's error), 5xx.
            model_us: From sending the request to the container to its whole answer; None if it gave none.
            total_us: From the request's arrival to the answer.
            instances: Of the variant: each adds 1/instances to InvocationsPerInstance.
        """
        dimensions = self._dimensions.get((endpoint, variant))
        if dimensions is None:
            dimensions = {"EndpointName": endpoint, "VariantName": variant}
            self._dimensions[endpoint, variant] = dimensions
        self._invoked.add((scope, endpoint, variant))
        values = [
            MetricValue("Invocations", 1, "None", dimensions),
            MetricValue("Invocation4XXErrors", float(400 <= status < 500), "None", dimensions),
            MetricValue("Invocation5XXErrors", float(status >= 500), "None", dimensions),
            MetricValue("InvocationModelErrors", float(status == 424), "None", dimensions),
        ]
        if instances:
            values.append(MetricValue("InvocationsPerInstance", 1 / instances, "None", dimensions))
        if model_us is not None:
            values.append(MetricValue("ModelLatency", model_us, "Microseconds", dimensions))
            values.append(
                MetricValue("OverheadLatency", max(0.0, total_us - model_us), "Microseconds", dimensions)
            )
        self._sink.record(scope, _NAMESPACE, values)

    def idle(self, serving: Iterable[tuple[Scope, str, str]]) -> None:
        """Record zeros for the variants that were not invoked since the last time; to be called each minute.

        Documented: an endpoint without traffic emits zeros, so that alarms see that it is idle and not
        unknown (Application Auto Scaling User Guide, Target tracking: metrics that emit real zeros).

        Args:
            serving: (scope, endpoint, variant) of all that serve.
        """
        invoked, self._invoked = self._invoked, set()
        for one in serving:
            if one in invoked:
                continue
            scope, endpoint, variant = one
            dimensions = {"EndpointName": endpoint, "VariantName": variant}
            zeros = [MetricValue(name, 0, "None", dimensions) for name in _COUNTED]
            self._sink.record(scope, _NAMESPACE, zeros)
