"""HTTP and HTTP_PROXY: backends that are web servers."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from sagehen.services.apigateway.data_plane.compiled_api import CompiledIntegration, fill
from sagehen.services.apigateway.data_plane.exchange import Exchange, trace_header
from sagehen.services.apigateway.data_plane.failures import ConfigurationError, GatewayFailure
from sagehen.services.apigateway.data_plane.integrations import http_client
from sagehen.services.apigateway.data_plane.integrations.function_events import with_forwarding
from sagehen.services.apigateway.data_plane.integrations.own_connections import OwnConnections
from sagehen.services.apigateway.data_plane.integrations.requests import (
    IntegrationRequest,
    apply_mappings,
    mapped_request,
)
from sagehen.services.apigateway.data_plane.integrations.responses import (
    BackendAnswer,
    clean,
    mapped_response,
)
from sagehen.services.apigateway.data_plane.logs.execution import headers_text
from sagehen.services.apigateway.data_plane.mapping.expressions import MAX_MAPPED
from sagehen.services.apigateway.data_plane.messages.headers import NOT_PROXIED, without
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse
from sagehen.services.apigateway.data_plane.off_loop import off_loop

_HOLE = re.compile(r"\{([^{}]+?)\+?\}")
# What an answer says about its connection that nobody would hear under another name either.
_OF_CONNECTION = frozenset(
    ("keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
_CONTENT_TYPE = frozenset(("content-type",))


class HttpIntegration:
    """Calls web servers.

    Args:
        own: Told of every connection that is made.
    """

    def __init__(self, own: OwnConnections) -> None:
        self._own = own

    async def proxy(self, exchange: Exchange, compiled: CompiledIntegration) -> ApiResponse:
        """Send the request on as it is, and the answer back as it is.

        Raises:
            GatewayFailure: INTEGRATION_FAILURE.
        """
        request = IntegrationRequest()
        for name, value in with_forwarding(exchange.request):
            if name.lower() not in NOT_PROXIED:
                request.headers.setdefault(name, []).append(value)
        request.query = dict(exchange.parameters.query_lists)
        request.body = exchange.request.body
        await off_loop(len(request.body), apply_mappings, exchange, compiled, request)
        _add_defaults(exchange, request)
        answer = await self._send(exchange, compiled, request)
        kept = [(name, clean(value)) for name, value in answer.headers if name.lower() not in _OF_CONNECTION]
        return ApiResponse(answer.status, kept, answer.body)

    async def mapped(self, exchange: Exchange, compiled: CompiledIntegration) -> ApiResponse:
        """Map the request, send it, map the answer.

        Raises:
            GatewayFailure, ConfigurationError.
        """
        request = await off_loop(len(exchange.request.body), mapped_request, exchange, compiled)
        typed = any(one.place == "header" and one.name.lower() == "content-type" for one in compiled.request)
        if not request.body and not typed:  # nothing has no type (recorded)
            request.headers = without(request.headers, _CONTENT_TYPE)
        _add_defaults(exchange, request, Accept="application/json")
        answer = await self._send(exchange, compiled, request)
        heard = BackendAnswer(answer.status, tuple(answer.headers), answer.body, str(answer.status))
        return await off_loop(len(answer.body), mapped_response, exchange, compiled, heard)

    async def _send(
        self, exchange: Exchange, compiled: CompiledIntegration, request: IntegrationRequest
    ) -> http_client.HttpAnswer:
        integration = compiled.integration
        url = url_of(fill(integration.uri or "", exchange.stage_variables), request.path, request.query)
        headers = [(name, value) for name, values in request.headers.items() for value in values]
        if _has_host(url):  # of an address that is none AWS tells no more than that (recorded)
            _log_request(exchange, url, headers, request.body)
        began = time.perf_counter()
        verb = integration.http_method or "GET"
        if verb == "ANY":
            verb = exchange.request.method
        try:
            answer = await http_client.send(
                verb,
                url,
                headers,
                request.body,
                verify=not integration.insecure_skip_verification,
                own=self._own,
                public_only=exchange.request.from_sandbox,
            )
        except http_client.HttpFailed as error:
            raise GatewayFailure(
                "INTEGRATION_FAILURE",
                # From memory: 500 for an address that cannot be one, 504 for one where nobody answers.
                status=500 if "Invalid endpoint" in str(error) else 504,
                log=f"Execution failed due to configuration error: {error}",
            ) from None
        exchange.log.received(answer.status, began, answer.headers, lambda: _shown(answer.body))
        return answer


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:  # `http://[`
        return False


def _log_request(exchange: Exchange, url: str, headers: list[tuple[str, str]], body: bytes) -> None:
    log = exchange.log
    log.info(f"Endpoint request URI: {url}")
    if log.data_on:
        log.data(f"Endpoint request headers: {headers_text(headers)}")
        log.data(f"Endpoint request body after transformations: {_shown(body)}")
    log.info(f"Sending request to {url}")


def _shown(body: bytes) -> str:
    return body[:1024].decode("utf-8", "replace")


def _add_defaults(exchange: Exchange, request: IntegrationRequest, **more: str) -> None:
    """Add what API Gateway says of itself to every web server (recorded)."""
    api_id = exchange.request.api_id
    said = {
        "User-Agent": f"AmazonAPIGateway_{api_id}",
        "X-Amzn-Apigateway-Api-Id": api_id,
        "X-Amzn-Trace-Id": trace_header(exchange.request),
        **more,
    }
    for name, value in said.items():
        if request.header(name) is None:
            request.headers[name] = [value]


def _filled(text: str, values: Mapping[str, str], safe: str) -> str:
    room = MAX_MAPPED

    def value(hole: re.Match[str]) -> str:
        nonlocal room
        encoded = quote(values.get(hole.group(1), ""), safe=safe)
        room -= len(encoded)
        if room < 0:
            raise ConfigurationError("Invalid mapping: the integration's URL is too large")
        return encoded

    return _HOLE.sub(value, text)


def url_of(uri: str, path: Mapping[str, str], query: Mapping[str, list[str]]) -> str:
    """Return the URL to call: holes filled with encoded values, the mapped query behind its own.

    Raises:
        ConfigurationError: The values are more than `MAX_MAPPED` characters.
    """
    base, _, own = uri.partition("?")
    base, own = _filled(base, path, "/:@!$&'()*+,;=-._~"), _filled(own, path, "/:@!$'()*,;-._~")
    added = urlencode(list(query.items()), doseq=True)
    both = "&".join(part for part in (own, added) if part)
    return f"{base}?{both}" if both else base
