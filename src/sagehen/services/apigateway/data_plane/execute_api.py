"""ExecuteApi: the pipeline of a request to a stage, in order.

    stage -> route -> authorize -> key and limits -> validate -> integrate -> respond -> logs, metrics

A step returns or raises a GatewayFailure, which becomes the API's gateway response.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.calls.service_calls import ServiceCalls
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.ports.identity.authorization import Authorizer, PolicyDocuments
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.domain.timeouts import timeout
from sagehen.services.apigateway.data_plane.authorization.decision import ApiPolicies, Authorization
from sagehen.services.apigateway.data_plane.authorization.lambda_authorizers import LambdaAuthorizers
from sagehen.services.apigateway.data_plane.authorization.usage import Usage
from sagehen.services.apigateway.data_plane.compiled_api import CompiledApis
from sagehen.services.apigateway.data_plane.exchange import (
    Exchange,
    extended_request_id,
    trace_header,
)
from sagehen.services.apigateway.data_plane.failures import ConfigurationError, GatewayFailure
from sagehen.services.apigateway.data_plane.gateway_responses import default_answer, error_context
from sagehen.services.apigateway.data_plane.integrations.credentials import IntegrationCredentials
from sagehen.services.apigateway.data_plane.integrations.dispatch import Integrations
from sagehen.services.apigateway.data_plane.integrations.functions import LambdaIntegration
from sagehen.services.apigateway.data_plane.integrations.http import HttpIntegration
from sagehen.services.apigateway.data_plane.integrations.own_connections import OwnConnections
from sagehen.services.apigateway.data_plane.integrations.services import ServiceIntegration
from sagehen.services.apigateway.data_plane.logs.execution import ExecutionLog
from sagehen.services.apigateway.data_plane.messages.compression import compress, decompressed
from sagehen.services.apigateway.data_plane.messages.headers import answered, remapped, tells_trace
from sagehen.services.apigateway.data_plane.messages.message import ApiRequest, ApiResponse
from sagehen.services.apigateway.data_plane.messages.parameters import MethodParameters
from sagehen.services.apigateway.data_plane.off_loop import off_loop
from sagehen.services.apigateway.data_plane.recording import Recording, log_request, log_response
from sagehen.services.apigateway.data_plane.trial_invocations import TrialInvocations
from sagehen.services.apigateway.snapshot.ports import DeployedApis, UsageCounter
from sagehen.services.apigateway.snapshot.stages import StageView

logger = logging.getLogger("sagehen.apigateway")

Step = Callable[[Exchange], Awaitable[ApiResponse]]


class ExecuteApi:
    """Answers requests to deployed REST APIs.

    Args:
        deployed: The control plane's snapshots, keys and account settings.
        usage: Counts quotas durably.
        clock, ids: The platform's.
        functions: Lambda.
        roles: Sessions of integration roles.
        authorizer: IAM's evaluator; it must know the APIs' own policies (`execute-api`).
        documents: Evaluates what Lambda authorizers answer.
        logs, metrics: Where lines and numbers go.

    Attributes:
        policies: The deployed APIs' resource policies, for the evaluator.
    """

    def __init__(
        self,
        *,
        deployed: DeployedApis,
        usage: UsageCounter,
        clock: Clock,
        ids: Ids,
        functions: FunctionInvoker,
        roles: Roles,
        authorizer: Authorizer,
        documents: PolicyDocuments,
        logs: LogSink,
        metrics: MetricSink,
    ) -> None:
        self.policies = ApiPolicies(deployed)
        self._deployed = deployed
        self._clock = clock
        self._ids = ids
        self._apis = CompiledApis()
        self._credentials = IntegrationCredentials(roles, clock)
        self._lambda_authorizers = LambdaAuthorizers(functions, self._credentials, clock)
        self._authorization = Authorization(authorizer, documents, self._lambda_authorizers)
        self._usage = Usage(deployed, usage, clock)
        self._services = ServiceIntegration(self._credentials)
        self._own_connections = OwnConnections()
        self._integrations = Integrations(
            LambdaIntegration(functions, self._credentials),
            self._services,
            HttpIntegration(self._own_connections),
        )
        self._recording = Recording(logs, metrics, clock, ids.hex(32))
        self._tests = TrialInvocations(deployed, clock, self.perform, self._lambda_authorizers)

    # --- what the control plane asks ---------------------------------------------------------

    @property
    def operations(self) -> tuple[object, ...]:
        """TestInvokeMethod and TestInvokeAuthorizer."""
        return (self._tests,)

    def connect(self, calls: ServiceCalls) -> None:
        """Give it the way to other services; the front door is made later than this."""
        self._services.calls = calls

    def is_own_connection(self, peer: str, port: int) -> bool:
        """Tell whether a connection that arrived from there is an integration's."""
        return self._own_connections.includes(peer, port)

    def flush_stage_cache(self, api_id: str, stage_name: str) -> None:
        """Nothing to do: responses are not cached."""

    def flush_authorizers_cache(self, api_id: str, stage_name: str) -> None:
        """Forget what Lambda authorizers said of a stage."""
        self._lambda_authorizers.forget(api_id, stage_name)

    async def start(self) -> None:
        """Nothing runs in the background."""

    async def stop(self) -> None:
        """End: nothing runs, what is remembered goes."""
        await self.reset()

    async def reset(self) -> None:
        """Forget compiled APIs, sessions, verdicts and buckets."""
        self._apis.clear()
        self._credentials.clear()
        self._lambda_authorizers.clear()
        self._usage.clear()

    # --- requests ---------------------------------------------------------------------------

    async def answer(self, request: ApiRequest) -> ApiResponse:
        """Answer a request. Raises nothing: every failure is an answer too."""
        began = time.perf_counter()
        view = self._deployed.stage(request.api_id, request.stage)
        if view is None or view.api.disable_execute_api_endpoint:
            # AWS does not tell strangers which APIs and stages exist.
            return self._sign(default_answer(GatewayFailure("DEFAULT_4XX", "Forbidden")), request)
        exchange = self._exchange(request, view)
        response = await self._respond(exchange, self._serve)
        response.headers = _handed_on(exchange, response)
        self._sign(response, request)
        self._recording.record(exchange, response, (time.perf_counter() - began) * 1000)
        return response

    async def perform(self, exchange: Exchange) -> ApiResponse:
        """Run a test invocation: validation and integration, no authorization and no limits."""
        response = await self._respond(exchange, self._validated)
        # There is no client: of the headers that the API itself adds, only these are told (recorded).
        refused = "error" in exchange.context
        response.headers = [
            pair for pair in _handed_on(exchange, response) if not refused or pair[0] == "x-amzn-ErrorType"
        ]
        return response

    def _exchange(self, request: ApiRequest, view: StageView) -> Exchange:
        canary = view.canary
        # Each request by itself: AWS promises a share, and no client the same deployment twice.
        on_canary = canary is not None and self._ids.uniform() * 100 < canary.percent_traffic
        variables = view.variables
        snapshot = view.api
        if on_canary and canary is not None:
            snapshot, variables = canary.api, {**variables, **canary.stage_variable_overrides}
        api = self._apis.of(snapshot)
        log = ExecutionLog(self._clock, "OFF", data_trace=False)
        return Exchange.begun(request, view, api, variables, log, canary=on_canary)

    async def _respond(self, exchange: Exchange, step: Step) -> ApiResponse:
        """Run a step; turn its failure into a gateway response."""
        try:
            return await step(exchange)
        except GatewayFailure as failure:
            return await self._refuse(exchange, failure)
        except ConfigurationError as error:
            text = f"Execution failed due to configuration error: {error}"
            return await self._refuse(exchange, GatewayFailure("API_CONFIGURATION_ERROR", log=text))
        except Exception:
            logger.exception("request %s to an API failed", exchange.request.request_id)
            return await self._refuse(exchange, GatewayFailure("DEFAULT_5XX"))

    async def _refuse(self, exchange: Exchange, failure: GatewayFailure) -> ApiResponse:
        exchange.log.error(failure.log)
        exchange.context["error"] = error_context(failure)
        answer = exchange.api.gateway_responses.answer
        try:  # a gateway response may read the body too
            size = len(exchange.request.body)
            response = await off_loop(size, answer, failure, exchange.sources())
        except (ConfigurationError, GatewayFailure) as error:
            exchange.log.error(str(error))
            response = default_answer(failure)
        if exchange.is_trial:  # no client, no gateway response (recorded)
            exchange.log.info(f"Method completed with status: {response.status}")
        else:
            exchange.log.info(
                f"Gateway response type: {failure.response_type} with status code: {response.status}"
            )
        return response

    async def _serve(self, exchange: Exchange) -> ApiResponse:
        self._route(exchange)
        # After routing: the API's own gateway response answers it.
        if exchange.request.oversized:
            raise GatewayFailure("REQUEST_TOO_LARGE")
        await self._authorization.check(exchange)
        self._usage.check(exchange)
        least = exchange.api.snapshot.minimum_compression_size
        if least is None:
            return await self._validated(exchange)
        exchange.request = await off_loop(len(exchange.request.body), decompressed, exchange.request)
        exchange.parameters = MethodParameters(exchange.request, exchange.parameters.raw_path)
        response = await self._validated(exchange)
        if len(response.body) >= least:
            accepted = exchange.request.header("accept-encoding")
            await off_loop(len(response.body), compress, response, accepted)
        return response

    def _route(self, exchange: Exchange) -> None:
        request, api, view = exchange.request, exchange.api, exchange.view
        route = api.router.find(request.path, request.method)
        if route is None:
            # Recorded: an unknown path looks like a request that should have been signed.
            raise GatewayFailure("MISSING_AUTHENTICATION_TOKEN")
        method = api.method(route)
        exchange.method = method
        exchange.parameters = MethodParameters(request, route.path_parameters)
        exchange.context |= {"resourceId": route.resource.id, "resourcePath": route.resource.path}
        if method.method.operation_name:
            exchange.context["operationName"] = method.method.operation_name
        exchange.settings = settings = view.settings_for(route.resource.path, method.method.http_method)
        if settings.logging_level != "OFF" and self._may_log(exchange):
            exchange.log = ExecutionLog(self._clock, settings.logging_level, data_trace=settings.data_trace)
            exchange.log.info(f"Extended Request Id: {exchange.context['extendedRequestId']}")

    def _may_log(self, exchange: Exchange) -> bool:
        return self._deployed.account(exchange.api.snapshot.scope).cloudwatch_role_arn is not None

    async def _validated(self, exchange: Exchange) -> ApiResponse:
        method, request, log = exchange.method, exchange.request, exchange.log
        assert method is not None
        if log.info_on:
            log_request(exchange)
        if method.validation is not None:
            method.validation.check_parameters(exchange.parameters)
            await off_loop(
                len(request.body),
                method.validation.check_body,
                request.body,
                request.header("content-type"),
            )
        if method.integration is None:
            raise ConfigurationError("the method has no integration")
        began = time.perf_counter()
        try:
            # Of the whole integration, mappings included: AWS documents it of the integration.
            async with timeout(method.integration.integration.timeout_ms / 1000):
                response = await self._integrations.call(exchange, method.integration)
        except TimeoutError:
            raise GatewayFailure(
                "INTEGRATION_TIMEOUT", log="Execution failed due to a timeout error"
            ) from None
        finally:
            exchange.integration_ms = (time.perf_counter() - began) * 1000
        if log.info_on:
            log_response(exchange, response)
        return response

    @staticmethod
    def _sign(response: ApiResponse, request: ApiRequest) -> ApiResponse:
        """Give an answer API Gateway's own headers."""
        # Both recorded of every answer, refusals included.
        response.set_header("x-amzn-RequestId", request.request_id)
        response.set_header("x-amz-apigw-id", extended_request_id(request.request_id))
        return response


def _handed_on(exchange: Exchange, response: ApiResponse) -> list[tuple[str, str]]:
    """Return an answer's headers as the client gets them, but for those that are the gateway's own."""
    method = exchange.method
    if "error" in exchange.context or method is None or method.integration is None:
        return answered(response.headers)
    kind = method.integration.integration.type
    headers = remapped(response.headers, kind)
    if tells_trace(kind):
        headers = [pair for pair in headers if pair[0].lower() != "x-amzn-trace-id"]
        headers.append(("X-Amzn-Trace-Id", trace_header(exchange.request)))
    return headers
