"""AWS integrations with a service other than Lambda: `arn:aws:apigateway:REGION:SERVICE:path/PATH`.

The call goes through the platform's own front door, signed with the credentials of the
integration's role: it has the role's rights there and no others.
"""

from __future__ import annotations

import time

from sagehen.api.errors import ServiceError
from sagehen.domain.ports.calls.service_calls import ServiceCalls
from sagehen.services.apigateway.data_plane.compiled_api import CompiledIntegration, fill
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import ConfigurationError, GatewayFailure
from sagehen.services.apigateway.data_plane.integrations.credentials import CALLER, IntegrationCredentials
from sagehen.services.apigateway.data_plane.integrations.http import url_of
from sagehen.services.apigateway.data_plane.integrations.requests import mapped_request
from sagehen.services.apigateway.data_plane.integrations.responses import BackendAnswer, mapped_response
from sagehen.services.apigateway.data_plane.messages.content import text_of_bytes
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse
from sagehen.services.apigateway.data_plane.off_loop import off_loop
from sagehen.services.apigateway.service_uris import SERVICE_URI, fault_of_service_uri

# What signing sets, and what is about the connection.
_UNSENT = frozenset(("host", "content-length", "authorization", "x-amz-date", "x-amz-security-token"))


class ServiceIntegration:
    """Calls a service for a method.

    Args:
        credentials: Sessions of integration roles.

    Attributes:
        calls: Set by `app` once the front door exists.
    """

    def __init__(self, credentials: IntegrationCredentials) -> None:
        self.calls: ServiceCalls | None = None
        self._credentials = credentials

    async def mapped(self, exchange: Exchange, compiled: CompiledIntegration) -> ApiResponse:
        """Map the request, call the service, map its answer.

        Raises:
            GatewayFailure, ConfigurationError.
        """
        integration = compiled.integration
        uri = fill(integration.uri or "", exchange.stage_variables)
        match = SERVICE_URI.fullmatch(uri)
        if match is None or self.calls is None or fault_of_service_uri(uri) is not None:
            raise ConfigurationError(f"The integration is not implemented: {uri}")
        if not integration.credentials or integration.credentials == CALLER:
            raise ConfigurationError("An integration with a service needs the credentials of a role")
        region, subdomain, service, _, path = match.groups()
        verb = integration.http_method or "POST"
        if verb == "ANY":
            verb = exchange.request.method
        # Before the mapping: a role that may not be assumed should cost nothing.
        session = await self._credentials.session(integration.credentials)
        request = await off_loop(len(exchange.request.body), mapped_request, exchange, compiled)
        target = url_of(f"/{path.lstrip('/')}", request.path, request.query)
        exchange.log.info(f"Endpoint request URI: https://{service}.{region}.amazonaws.com{target}")
        began = time.perf_counter()
        try:
            status, headers, body = await self.calls.call(
                host=f"{f'{subdomain}.' if subdomain else ''}{service}.{region}.amazonaws.com",
                signing_name=service,
                region=region,
                credentials=session.credentials,
                method=verb,
                target=target,
                headers={
                    name: values[-1]
                    for name, values in request.headers.items()
                    if name.lower() not in _UNSENT
                },
                body=request.body,
            )
        except ServiceError as error:  # the answer is larger than a response may be
            raise GatewayFailure("INTEGRATION_FAILURE", status=500, log=error.message) from None
        answer = BackendAnswer(status, tuple(headers), body, str(status))
        exchange.log.received(status, began, headers, lambda: text_of_bytes(body[:1024]))
        return await off_loop(len(body), mapped_response, exchange, compiled, answer)
