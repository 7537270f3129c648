"""Functions behind methods: which function, on whose behalf, and how its failures look."""

from __future__ import annotations

import json
import re
import time

import orjson

from sagehen.api.errors import ClientDeparted, ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.functions import FunctionInvoker, FunctionResult
from sagehen.services.apigateway.data_plane.compiled_api import CompiledIntegration, fill
from sagehen.services.apigateway.data_plane.exchange import Exchange, trace_header
from sagehen.services.apigateway.data_plane.failures import ConfigurationError, GatewayFailure
from sagehen.services.apigateway.data_plane.integrations.credentials import IntegrationCredentials
from sagehen.services.apigateway.data_plane.integrations.function_events import (
    malformed,
    proxy_answer,
    proxy_event,
)
from sagehen.services.apigateway.data_plane.integrations.requests import check_mappings, mapped_request
from sagehen.services.apigateway.data_plane.integrations.responses import BackendAnswer, mapped_response
from sagehen.services.apigateway.data_plane.logs.execution import headers_text
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse
from sagehen.services.apigateway.data_plane.off_loop import off_loop

# Any date: AWS itself writes 2015-03-31 into every one.
_URI = re.compile(r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/\d{4}-\d{2}-\d{2}/functions/(.+)/invocations")

_SECRET = re.compile(r'("(?:authorization|x-api-key|x-amz-security-token)":\[?)"[^"]*"?', re.IGNORECASE)


def function_arn_of(uri: str) -> str | None:
    """Return the function in an integration's URI; None for URIs of other kinds."""
    match = _URI.fullmatch(uri)
    return match.group(1) if match else None


class LambdaIntegration:
    """Integrations AWS and AWS_PROXY with a function.

    Args:
        functions: Invokes.
        credentials: The integration's role, or API Gateway itself.
    """

    def __init__(self, functions: FunctionInvoker, credentials: IntegrationCredentials) -> None:
        self._functions = functions
        self._credentials = credentials

    async def proxy(self, exchange: Exchange, compiled: CompiledIntegration, arn: str) -> ApiResponse:
        """Hand the whole request to the function and take its answer for the response.

        Raises:
            GatewayFailure: 500 where the function cannot be invoked, 502 where it fails or answers badly.
        """
        size = len(exchange.request.body)
        # They have no other effect on a proxy (recorded).
        await off_loop(size, check_mappings, exchange, compiled)
        verb = compiled.integration.http_method
        if (exchange.request.method if verb == "ANY" else verb) != "POST":  # Lambda's own Invoke is a POST
            raise GatewayFailure("INTEGRATION_FAILURE", status=500, log=f"Lambda does not know {verb}")
        event = await off_loop(size, proxy_event, exchange)
        self._log_request(exchange, arn, event)
        began = time.perf_counter()
        result = await self.invoke(exchange, compiled, arn, event)
        exchange.log.received(200, began, _answer_headers(exchange, result), lambda: _cut(result.payload))
        if result.function_error is not None:
            exchange.log.error(f"Lambda execution failed with status 200 due to customer function error: "
                               f"{_message_of(result.payload)}. Lambda request id: "
                               f"{exchange.request.request_id}")  # fmt: skip
            raise malformed()
        return await off_loop(len(result.payload), proxy_answer, exchange, result.payload)

    async def mapped(self, exchange: Exchange, compiled: CompiledIntegration, arn: str) -> ApiResponse:
        """Map the request to an event, and the function's answer (or its error) to the response.

        Raises:
            GatewayFailure, ConfigurationError.
        """
        request = await off_loop(len(exchange.request.body), mapped_request, exchange, compiled)
        self._log_request(exchange, arn, request.body)
        began = time.perf_counter()
        # Documented: Set up asynchronous invocation of the backend Lambda function; the header is mapped,
        # quotes and all.
        if (request.header("X-Amz-Invocation-Type") or "").strip("'") == "Event":
            await self._invoke_async(exchange, compiled, arn, request.body)
            answer = BackendAnswer(202, (), b"", None)
        else:
            result = await self.invoke(exchange, compiled, arn, request.body or b"{}")
            failed = result.function_error is not None
            headers = _answer_headers(exchange, result)
            answer = BackendAnswer(
                200, headers, result.payload, _message_of(result.payload) if failed else None
            )
        exchange.log.received(answer.status, began, answer.headers, lambda: _cut(answer.body))
        return await off_loop(len(answer.body), mapped_response, exchange, compiled, answer)

    async def invoke(
        self, exchange: Exchange, compiled: CompiledIntegration, arn: str, payload: bytes
    ) -> FunctionResult:
        """Invoke and wait.

        Raises:
            GatewayFailure: The function may not be invoked, does not exist, or is throttled (500).
        """
        principal, environment = await self._credentials.of(exchange, compiled.integration.credentials)
        try:
            return await self._functions.invoke(
                principal,
                fill(arn, exchange.stage_variables),
                payload,
                environment,
                exchange.request.departed,
            )
        except (AccessDenied, ServiceError) as error:
            raise self._refused(error) from None

    async def _invoke_async(
        self, exchange: Exchange, compiled: CompiledIntegration, arn: str, payload: bytes
    ) -> None:
        principal, environment = await self._credentials.of(exchange, compiled.integration.credentials)
        try:
            await self._functions.invoke_async(
                principal, fill(arn, exchange.stage_variables), payload or b"{}", environment
            )
        except (AccessDenied, ServiceError) as error:
            raise self._refused(error) from None

    @staticmethod
    def _log_request(exchange: Exchange, arn: str, body: bytes) -> None:
        """Say what goes to Lambda, in the lines that AWS's log has of it (recorded)."""
        log = exchange.log
        if not log.info_on:
            return
        arn = fill(arn, exchange.stage_variables)
        region = (arn.split(":") + [""] * 4)[3] or exchange.api.snapshot.scope.region
        uri = f"https://lambda.{region}.amazonaws.com/2015-03-31/functions/{arn}/invocations"
        log.info(f"Endpoint request URI: {uri}")
        if log.data_on:
            api_id = exchange.request.api_id
            said = (
                ("x-amzn-lambda-integration-tag", exchange.request.request_id),
                ("x-amzn-apigateway-api-id", api_id),
                ("Accept", "application/json"),
                ("User-Agent", f"AmazonAPIGateway_{api_id}"),
                ("X-Amzn-Trace-Id", trace_header(exchange.request)),
            )
            log.data(f"Endpoint request headers: {headers_text(said)}")
            log.data(f"Endpoint request body after transformations: {_cut(body)}")
        log.info(f"Sending request to {uri}")

    @staticmethod
    def _refused(error: AccessDenied | ServiceError) -> GatewayFailure:
        if isinstance(error, AccessDenied):
            text = (
                "Execution failed due to configuration error: Invalid permissions on Lambda function. "
                + error.message
            )
        else:
            text = f"Execution failed: Lambda answered {error.code}: {error.message}"
        # Nobody reads the answer to who has left; it is no failure of the API's either.
        status = 499 if isinstance(error, ClientDeparted) else 500
        return GatewayFailure("INTEGRATION_FAILURE", status=status, log=text)


def _answer_headers(exchange: Exchange, result: FunctionResult) -> tuple[tuple[str, str], ...]:
    """Return what Lambda's own answer says, as mappings and the log see it."""
    return (
        ("Content-Type", "application/json"),
        ("X-Amz-Executed-Version", result.executed_version),
        ("X-Amzn-Trace-Id", trace_header(exchange.request)),
    )


def checked_arn(exchange: Exchange, compiled: CompiledIntegration) -> str | None:
    """Return the function of an integration with its stage variables filled; None if it has none.

    Raises:
        ConfigurationError: The variables leave no function.
    """
    uri = fill(compiled.integration.uri or "", exchange.stage_variables)
    arn = function_arn_of(uri)
    if arn is None and ":lambda:path/" in uri:
        raise ConfigurationError("Invalid Lambda function in the integration's URI")
    return arn


def _message_of(payload: bytes) -> str:
    """Return errorMessage of a function's error; the whole payload where it has none."""
    try:
        document = orjson.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")
    # Documented: Handle Lambda errors in API Gateway: patterns are matched with errorMessage.
    if isinstance(document, dict) and isinstance(document.get("errorMessage"), str):
        return str(document["errorMessage"])
    return json.dumps(document)


def _cut(body: bytes) -> str:
    """Return the beginning of a body for the log, without the secrets in a proxy event's headers."""
    text = body[:8192].decode("utf-8", "replace")
    return _SECRET.sub(r'\1"****"', text)[:1024]
