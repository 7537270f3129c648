"""AWS's own metrics of invocations, per endpoint and variant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope

# Documented, with all names and units below: SageMaker Developer Guide, Endpoint invocation metrics.
_NAMESPACE = "AWS/SageMaker"
_COUNTED = ("Invocations", "InvocationsPerInstance")


# Of an inference component in their place.
_COUNTED_PER_COPY = ("Invocations", "InvocationsPerCopy")


@dataclass(frozen=True, slots=True)
class OfVariant:
    """An endpoint's variant."""

    endpoint: str
    variant: str

    @property
    def dimensions(self) -> dict[str, str]:
        return {"EndpointName": self.endpoint, "VariantName": self.variant}


@dataclass(frozen=True, slots=True)
class OfComponent:
    """An inference component."""

    name: str

    @property
    def dimensions(self) -> dict[str, str]:
        return {"InferenceComponentName": self.name}


Subject = OfVariant | OfComponent


class InvocationMetrics:
    """Records what one invocation was. Cheap: one call of the sink, seven small objects.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    """

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink
        self._dimensions: dict[Subject, dict[str, str]] = {}
        # What was invoked since the last look of `idle`.
        self._invoked: set[tuple[Scope, Subject]] = set()

    def record(
        self,
        scope: Scope,
        subject: Subject,
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
            instances: Of the variant, or copies of the component: each request adds 1/instances to
                InvocationsPerInstance, or InvocationsPerCopy.
        """
        dimensions = self._dimensions.get(subject)
        if dimensions is None:
            dimensions = self._dimensions[subject] = subject.dimensions
        self._invoked.add((scope, subject))
        values = [
            MetricValue("Invocations", 1, "None", dimensions),
            MetricValue("Invocation4XXErrors", float(400 <= status < 500), "None", dimensions),
            MetricValue("Invocation5XXErrors", float(status >= 500), "None", dimensions),
            MetricValue("InvocationModelErrors", float(status == 424), "None", dimensions),
        ]
        if instances:
            values.append(MetricValue(_counted(subject)[1], 1 / instances, "None", dimensions))
        if model_us is not None:
            values.append(MetricValue("ModelLatency", model_us, "Microseconds", dimensions))
            values.append(
                MetricValue("OverheadLatency", max(0.0, total_us - model_us), "Microseconds", dimensions)
            )
        self._sink.record(scope, _NAMESPACE, values)

    def concurrent(self, scope: Scope, component: str, requests: int, copies: int) -> None:
        """Record how many requests a component's copies have at a moment; nothing of one that has none."""
        if copies:
            dimensions = OfComponent(component).dimensions
            value = MetricValue("ConcurrentRequestsPerCopy", requests / copies, "None", dimensions)
            self._sink.record(scope, _NAMESPACE, [value])

    def no_capacity(self, scope: Scope, component: str) -> None:
        """Record that a component without copies was asked: what scales it from zero.

        Documented: SageMaker Developer Guide, Scale an endpoint to zero instances.
        """
        dimensions = OfComponent(component).dimensions
        value = MetricValue("NoCapacityInvocationFailures", 1, "None", dimensions)
        self._sink.record(scope, _NAMESPACE, [value])

    def idle(self, serving: Iterable[tuple[Scope, Subject]]) -> None:
        """Record zeros for what was not invoked since the last time; to be called each minute.

        Documented: an endpoint without traffic emits zeros, so that alarms see that it is idle and not
        unknown (Application Auto Scaling User Guide, Target tracking: metrics that emit real zeros).

        Args:
            serving: All that serve.
        """
        invoked, self._invoked = self._invoked, set()
        for one in serving:
            if one in invoked:
                continue
            scope, subject = one
            zeros = [MetricValue(name, 0, "None", subject.dimensions) for name in _counted(subject)]
            self._sink.record(scope, _NAMESPACE, zeros)


def _counted(subject: Subject) -> tuple[str, str]:
    return _COUNTED_PER_COPY if isinstance(subject, OfComponent) else _COUNTED
