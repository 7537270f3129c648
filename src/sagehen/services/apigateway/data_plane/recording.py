"""Recording: what logs and metrics are told of a request, and when.

`logs/` knows the lines, this knows the exchange that they are about.
"""

from __future__ import annotations

from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.logs import access, execution
from sagehen.services.apigateway.data_plane.logs.execution import headers_text
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse
from sagehen.services.apigateway.data_plane.metrics import RequestMetrics


class Recording:
    """Records answered requests.

    Args:
        logs, metrics: Where lines and numbers go.
        clock: Times the access log.
        stream: The log stream of both logs.
    """

    def __init__(self, logs: LogSink, metrics: MetricSink, clock: Clock, stream: str) -> None:
        self._logs = logs
        self._metrics = RequestMetrics(metrics)
        self._clock = clock
        self._stream = stream

    def record(self, exchange: Exchange, response: ApiResponse, latency_ms: float) -> None:
        """Tell of a request that was answered."""
        self._metrics.record(exchange, response.status, latency_ms)
        view, request = exchange.view, exchange.request
        if exchange.log.lines:
            scope = exchange.api.snapshot.scope
            # Documented: Set up CloudWatch logging for REST APIs.
            group = f"API-Gateway-Execution-Logs_{request.api_id}/{view.name}"
            execution.write(self._logs, scope, group, self._stream, request.request_id, exchange.log)
        if view.access_log is not None:
            ended = {
                "status": response.status,
                "responseLength": len(response.body),
                "responseLatency": round(latency_ms),
            }
            if exchange.integration_ms is not None:
                ended["integrationLatency"] = round(exchange.integration_ms)
            access.write(
                self._logs,
                view.access_log,
                self._stream,
                epoch_ms(self._clock.now()),
                exchange.context | ended,
            )


def log_request(exchange: Exchange) -> None:
    """Keep the lines of a request before its integration is called."""
    request, parameters, log = exchange.request, exchange.parameters, exchange.log
    assert exchange.method is not None
    # The lines, and their order, are recorded of TestInvokeMethod; execution logs have the same.
    log.info(f"Starting execution for request: {request.request_id}")
    log.info(f"HTTP Method: {request.method}, Resource Path: {exchange.method.resource.path}")
    if log.data_on:
        log.data(f"Method request path: {headers_text(tuple(parameters.path.items()))}")
        log.data(f"Method request query string: {headers_text(tuple(parameters.query.items()))}")
        log.data(f"Method request headers: {headers_text(request.headers)}")
        body = request.body[:1024].decode("utf-8", "replace")
        log.data(f"Method request body before transformations: {body}")


def log_response(exchange: Exchange, response: ApiResponse) -> None:
    """Keep the lines of what its integration made of a request."""
    log = exchange.log
    if log.data_on:
        body = response.body[:1024].decode("utf-8", "replace")
        log.data(f"Method response body after transformations: {body}")
        log.data(f"Method response headers: {headers_text(response.headers)}")
    log.info("Successfully completed execution")
    log.info(f"Method completed with status: {response.status}")
