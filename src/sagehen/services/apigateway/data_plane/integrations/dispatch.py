"""Which integration answers a method."""

from __future__ import annotations

from sagehen.services.apigateway.data_plane.compiled_api import CompiledIntegration
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.integrations.functions import LambdaIntegration, checked_arn
from sagehen.services.apigateway.data_plane.integrations.http import HttpIntegration
from sagehen.services.apigateway.data_plane.integrations.mock import answer_mock
from sagehen.services.apigateway.data_plane.integrations.services import ServiceIntegration
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse
from sagehen.services.apigateway.data_plane.off_loop import off_loop


class Integrations:
    """Calls the backend of a method.

    Args:
        functions: Lambda, proxied and mapped.
        services: Every other AWS service.
        servers: Web servers, proxied and mapped.
    """

    def __init__(
        self, functions: LambdaIntegration, services: ServiceIntegration, servers: HttpIntegration
    ) -> None:
        self._functions = functions
        self._services = services
        self._servers = servers

    async def call(self, exchange: Exchange, compiled: CompiledIntegration) -> ApiResponse:
        """Return the method response.

        Raises:
            GatewayFailure, ConfigurationError.
        """
        if compiled.unprepared:
            await compiled.prepare()
        kind = compiled.integration.type
        if kind == "MOCK":
            return await off_loop(len(exchange.request.body), answer_mock, exchange, compiled)
        if kind == "HTTP_PROXY":
            return await self._servers.proxy(exchange, compiled)
        if kind == "HTTP":
            return await self._servers.mapped(exchange, compiled)
        arn = checked_arn(exchange, compiled)
        if kind == "AWS_PROXY":
            if arn is None:
                raise ConfigurationError("Only functions can stand behind AWS_PROXY")
            return await self._functions.proxy(exchange, compiled, arn)
        if arn is not None:
            return await self._functions.mapped(exchange, compiled, arn)
        return await self._services.mapped(exchange, compiled)
