"""AWS/ApiGateway: what CloudWatch is told of every request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

from __future__ import annotations

from sagehen.domain.ports.observing.metrics import MetricSink, MetricValue
from sagehen.services.apigateway.data_plane.exchange import Exchange

# Names, units and dimensions are documented on the page above.
_NAMESPACE = "AWS/ApiGateway"
# Ours: methods of stages whose dimensions are kept made.
_DIMENSIONS_HELD = 4096


class RequestMetrics:
    """Records Count, 4XXError, 5XXError, Latency and IntegrationLatency.

    Args:
        sink: Takes them.
    """

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink
        self._dimensions: dict[tuple[str, str, str, str], tuple[dict[str, str], ...]] = {}

    def record(self, exchange: Exchange, status: int, latency_ms: float) -> None:
        """Record one answered request, by API and by stage, and by method where the stage asks for it."""
        values = [
            ("Count", 1.0, "Count"),
            ("4XXError", float(400 <= status < 500), "Count"),
            ("5XXError", float(status >= 500), "Count"),
            ("Latency", latency_ms, "Milliseconds"),
        ]
        if exchange.integration_ms is not None:
            # Only where a backend was asked: refusals have none.
            values.append(("IntegrationLatency", exchange.integration_ms, "Milliseconds"))
        self._sink.record(
            exchange.api.snapshot.scope,
            _NAMESPACE,
            [
                MetricValue(name, value, unit, dimensions)
                for dimensions in self._of(exchange)
                for name, value, unit in values
            ],
        )

    def _of(self, exchange: Exchange) -> tuple[dict[str, str], ...]:
        name, stage = exchange.api.snapshot.name, exchange.view.name
        method = exchange.method if exchange.settings.metrics else None
        resource = method.resource.path if method is not None else ""
        key = (name, stage, exchange.request.method if method is not None else "", resource)
        found = self._dimensions.get(key)
        if found is None:
            if len(self._dimensions) >= _DIMENSIONS_HELD:
                self._dimensions.clear()
            stages = {"ApiName": name, "Stage": stage}
            found = ({"ApiName": name}, stages)
            if method is not None:
                found += (stages | {"Method": key[2], "Resource": resource},)
            self._dimensions[key] = found
        return found
