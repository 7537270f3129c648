"""TestInvokeMethod and TestInvokeAuthorizer: the pipeline on the API as it is, with its log for an answer."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.identity import PrincipalKind
from sagehen.services.apigateway.data_plane.authorization.lambda_authorizers import LambdaAuthorizers
from sagehen.services.apigateway.data_plane.compiled_api import CompiledApi
from sagehen.services.apigateway.data_plane.exchange import TRIAL_STAGE, Exchange
from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.data_plane.logs.execution import ExecutionLog
from sagehen.services.apigateway.data_plane.messages.message import ApiRequest, ApiResponse
from sagehen.services.apigateway.data_plane.messages.parameters import MethodParameters
from sagehen.services.apigateway.errors import NotFoundException
from sagehen.services.apigateway.snapshot.apis import Resource
from sagehen.services.apigateway.snapshot.ports import DeployedApis
from sagehen.services.apigateway.snapshot.stages import MethodSettings, StageView


def _on(rule: str) -> Callable[[Any, RequestContext, Request], list[Access]]:
    """The ARN of a part of an API: `arn:aws:apigateway:REGION::/restapis/…`."""

    def access(owner: Any, context: RequestContext, request: Request) -> list[Access]:
        path = rule.format_map({key: value for key, value in request.items() if isinstance(value, str)})
        scope = context.scope
        return [
            Access("apigateway:POST", f"arn:{scope.partition}:apigateway:{scope.region}::/restapis/{path}")
        ]

    return access


class TrialInvocations:
    """Operations of the control plane's API that need the data plane.

    Args:
        deployed: Live APIs.
        clock: Times the log.
        perform: Validation and integration of an exchange.
        authorizers: Asks functions.
    """

    def __init__(
        self,
        deployed: DeployedApis,
        clock: Clock,
        perform: Callable[[Exchange], Awaitable[ApiResponse]],
        authorizers: LambdaAuthorizers,
    ) -> None:
        self._deployed = deployed
        self._clock = clock
        self._perform = perform
        self._authorizers = authorizers

    @operation("TestInvokeMethod", access=_on("{restApiId}/resources/{resourceId}/methods/{httpMethod}"))
    async def test_invoke_method(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        if request.get("clientCertificateId"):
            raise NotImplementedOperation("TestInvokeMethod clientCertificateId is not implemented.")
        api = self._live(context, request["restApiId"])
        resources = {resource.id: resource for resource in api.snapshot.resources.values()}
        resource = resources.get(request["resourceId"])
        if resource is None:
            raise NotFoundException("Invalid Resource identifier specified")
        verb = request["httpMethod"]
        method = resource.methods.get(verb) or resource.methods.get("ANY")
        if method is None:
            raise NotFoundException("Invalid Method identifier specified")
        message = _message(context, request, verb, request.get("pathWithQueryString") or resource.path)
        exchange = self._exchange(message, api, request.get("stageVariables") or {})
        exchange.method = api.compiled(resource, method)
        exchange.parameters = MethodParameters(message, _path_parameters(resource, message.path))
        exchange.context |= {"resourceId": resource.id, "resourcePath": resource.path}
        began = time.perf_counter()
        response = await self._perform(exchange)
        return {
            "status": response.status,
            "body": response.body.decode("utf-8", "replace"),
            "headers": dict(response.headers),
            "multiValueHeaders": _multiple(response.headers),
            "log": _log_text(context.request_id, exchange.log),
            "latency": round((time.perf_counter() - began) * 1000),
        }

    @operation("TestInvokeAuthorizer", access=_on("{restApiId}/authorizers/{authorizerId}"))
    async def test_invoke_authorizer(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        api = self._live(context, request["restApiId"])
        authorizer = api.snapshot.authorizers.get(request["authorizerId"])
        if authorizer is None:
            raise NotFoundException("Invalid Authorizer identifier specified")
        message = _message(context, request, "GET", request.get("pathWithQueryString") or "/")
        exchange = self._exchange(message, api, request.get("stageVariables") or {})
        exchange.context |= request.get("additionalContext") or {}
        began = time.perf_counter()
        answer: dict[str, Any] = {}
        try:
            identity = self._authorizers.identity(exchange, authorizer)
            verdict = await self._authorizers.invoke(exchange, authorizer, identity)
        except GatewayFailure as failure:
            exchange.log.error(failure.log)
            status = failure.status
        else:
            status = 200
            answer = {"principalId": verdict.context["principalId"], "policy": verdict.policy}
            own = verdict.raw.get("context") or {}
            answer["authorization"] = {
                name: [value if isinstance(value, str) else json.dumps(value)] for name, value in own.items()
            }
        return answer | {
            "clientStatus": status,
            "log": _log_text(context.request_id, exchange.log),
            "latency": round((time.perf_counter() - began) * 1000),
        }

    def _live(self, context: RequestContext, api_id: str) -> CompiledApi:
        snapshot = self._deployed.live(api_id)
        if snapshot is None or snapshot.scope != context.scope:
            raise NotFoundException(f"Invalid API identifier specified {context.scope.account_id}:{api_id}")
        return CompiledApi(snapshot)

    def _exchange(self, message: ApiRequest, api: CompiledApi, variables: Mapping[str, str]) -> Exchange:
        settings = MethodSettings(logging_level="INFO", data_trace=True)
        view = StageView(api.snapshot, TRIAL_STAGE, variables, None, settings, {}, None, {})
        log = ExecutionLog(self._clock, "INFO", data_trace=True)
        return Exchange.begun(message, view, api, variables, log, canary=False)


def _message(context: RequestContext, request: Request, verb: str, target: str) -> ApiRequest:
    path, _, query = target.partition("?")
    headers = [(name, str(value)) for name, value in (request.get("headers") or {}).items()]
    listed = request.get("multiValueHeaders") or {}
    headers = [pair for pair in headers if pair[0] not in listed]
    headers += [(name, str(value)) for name, values in listed.items() for value in values]
    return ApiRequest(
        request_id=context.request_id,
        api_id=request["restApiId"],
        stage=TRIAL_STAGE,
        # From memory: a test of ANY is a GET.
        method=verb if verb != "ANY" else "GET",
        path=path if path.startswith("/") else f"/{path}",
        query=query,
        headers=tuple(headers),
        body=(request.get("body") or "").encode("utf-8", "surrogatepass"),
        # These three are recorded: what a test has in place of a client.
        source_ip="test-invoke-source-ip",
        # A session may have been handed to a sandbox; whoever else has one gains nothing by it.
        from_sandbox=context.from_sandbox or context.principal.kind is PrincipalKind.ASSUMED_ROLE,
        host="testPrefix.testDomainName",
        received_at=context.received_at,
        secure=True,
    )


def _path_parameters(resource: Resource, path: str) -> dict[str, str]:
    """Read a path by the resource's own pattern."""
    names, values = resource.path.strip("/").split("/"), path.strip("/").split("/")
    found: dict[str, str] = {}
    for index, name in enumerate(names):
        if index >= len(values):
            break
        if name.endswith("+}"):
            found[name[1:-2]] = "/".join(values[index:])
        elif name.startswith("{"):
            found[name[1:-1]] = values[index]
    return found


def _multiple(headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found


def _log_text(request_id: str, log: ExecutionLog) -> str:
    lines = [f"Execution log for request {request_id}"]
    for at_ms, line in log.lines:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC)
        # Recorded: the time as Java prints a Date.
        lines.append(f"{moment:%a %b %d %H:%M:%S UTC %Y} : {line}")
    return "\n".join(lines) + "\n"
