"""A small API Gateway without a control plane: snapshots made by hand, ports that remember."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sagehen.api.signature import Signature
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.functions import FunctionResult
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.data_plane.execute_api import ExecuteApi
from sagehen.services.apigateway.data_plane.failures import KINDS
from sagehen.services.apigateway.data_plane.messages.message import ApiRequest, ApiResponse
from sagehen.services.apigateway.snapshot.apis import (
    ApiSnapshot,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    Method,
    Resource,
)
from sagehen.services.apigateway.snapshot.plans import ApiKey, KeyInPlan, Quota, Throttle, UsagePlan
from sagehen.services.apigateway.snapshot.stages import AccountView, MethodSettings, StageView

SCOPE = Scope("123456789012", "us-east-1")
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
LAMBDA_URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
USER = Principal(
    PrincipalKind.USER,
    "arn:aws:iam::123456789012:user/ada",
    "123456789012",
    user_id="AIDAEXAMPLE",
    name="ada",
    access_key_id="AKIAEXAMPLE",
)


def answer(
    status: str = "200",
    pattern: str | None = None,
    parameters: Mapping[str, str] | None = None,
    templates: Mapping[str, str] | None = None,
    handling: Any = None,
) -> IntegrationResponse:
    return IntegrationResponse(status, pattern, parameters or {}, templates or {}, handling)


def integration(kind: Any = "AWS_PROXY", *responses: IntegrationResponse, **fields: Any) -> Integration:
    base = Integration(
        type=kind,
        http_method="POST",
        uri=LAMBDA_URI if kind in ("AWS", "AWS_PROXY") else None,
        credentials=None,
        request_parameters={},
        request_templates={"application/json": '{"statusCode": 200}'} if kind == "MOCK" else {},
        passthrough_behavior="WHEN_NO_MATCH",
        content_handling=None,
        timeout_ms=29000,
        insecure_skip_verification=False,
        responses={one.status_code: one for one in responses},
    )
    return replace(base, **fields)


def method(behind: Integration | None = None, verb: str = "GET", **fields: Any) -> Method:
    base = Method(
        http_method=verb,
        authorization_type="NONE",
        authorizer_id=None,
        authorization_scopes=(),
        api_key_required=False,
        operation_name=None,
        request_parameters={},
        request_models={},
        request_validator_id=None,
        responses={},
        integration=behind or integration(),
    )
    return replace(base, **fields)


def api(resources: Mapping[str, list[Method]], **fields: Any) -> ApiSnapshot:
    base = ApiSnapshot(
        api_id="abcdef1234",
        name="shop",
        scope=SCOPE,
        deployment_id="dep123",
        api_key_source="HEADER",
        binary_media_types=(),
        minimum_compression_size=None,
        disable_execute_api_endpoint=False,
        endpoint_types=("REGIONAL",),
        policy=None,
        models={},
        request_validators={},
        authorizers={},
        gateway_responses={kind: GatewayResponse(kind, None, {}, {}, True) for kind in KINDS},
        resources={
            path: Resource(
                f"r{index}", None, path, path.rpartition("/")[2], {one.http_method: one for one in own}
            )
            for index, (path, own) in enumerate(resources.items())
        },
    )
    return replace(base, **fields)


def stage(snapshot: ApiSnapshot, **fields: Any) -> StageView:
    base = StageView(snapshot, "prod", {}, None, MethodSettings(), {}, None, {})
    return replace(base, **fields)


class Functions:
    """Lambda: answers with what `behave` returns for the event."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.calls: list[tuple[Principal, str, Mapping[str, Any]]] = []
        self.departures: list[Any] = []
        self.queued: list[Any] = []
        self.behave: Callable[[Any], Any] = lambda event: {"statusCode": 200, "body": "ok"}

    async def invoke(self, principal, function_arn, payload, environment, departed=None) -> FunctionResult:  # type: ignore[no-untyped-def]
        event = json.loads(payload)
        self.events.append(event)
        self.calls.append((principal, function_arn, environment))
        self.departures.append(departed)
        result = self.behave(event)
        if isinstance(result, Exception):
            raise result
        if isinstance(result, FunctionResult):
            return result
        return FunctionResult(json.dumps(result).encode(), None, "$LATEST")

    async def invoke_async(self, principal, function_arn, payload, environment) -> None:  # type: ignore[no-untyped-def]
        self.queued.append(json.loads(payload))


def failed(message: str) -> FunctionResult:
    payload = json.dumps({"errorMessage": message, "errorType": "Error"}).encode()
    return FunctionResult(payload, "Unhandled", "$LATEST")


class Roles:
    def __init__(self) -> None:
        self.assumed: list[str] = []

    def can_be_assumed_by(self, role_arn: str, service: str, environment: Any = None) -> bool:
        return True

    def is_over(self, session: Principal) -> bool:
        return False

    async def assume_for_service(
        self, role_arn: str, service: str, name: str, duration: int = 0, environment: Any = None
    ):  # type: ignore[no-untyped-def]
        if "nobody" in role_arn:
            raise AccessDenied("no")
        self.assumed.append(role_arn)
        principal = Principal(PrincipalKind.ASSUMED_ROLE, f"{role_arn}/session", "123456789012")
        return RoleSession(
            Credentials("ASIA", "secret", "token", datetime(2026, 1, 1, 1, tzinfo=UTC)), principal
        )


class Policies:
    """IAM: `allowed` principals by ARN; documents by a word in them."""

    def __init__(self) -> None:
        self.allowed: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    def authorize(self, principal: Principal, access: Access, environment: Any) -> None:
        self.asked.append((principal.arn, access.resource))
        if principal.arn not in self.allowed:
            raise AccessDenied(
                f"User: {principal.arn} is not authorized to perform: {access.action} "
                f"on resource: {access.resource}"
            )

    def is_allowed(self, principal: Principal, access: Access, environment: Any) -> bool:
        return principal.arn in self.allowed

    def evaluate_document(self, document: str, access: Access, environment: Any) -> bool | None:
        statements = json.loads(document)["Statement"]
        if not isinstance(statements, list):
            raise ValueError("Syntax errors in policy.")
        effects = {one["Effect"] for one in statements if one["Resource"] in ("*", access.resource)}
        return None if not effects else "Deny" not in effects


class Sinks:
    """Logs and metrics, kept."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.values: list[MetricValue] = []

    def write(self, scope: Scope, group: str, stream: str, events: Any) -> None:
        self.lines += [(group, text) for _, text in events]

    async def flush(self) -> None: ...

    def record(self, scope: Scope, namespace: str, values: Any, at: Any = None) -> None:
        assert namespace == "AWS/ApiGateway"
        self.values += values


class House:
    """The data plane with everything around it."""

    def __init__(self, snapshot: ApiSnapshot, **stage_fields: Any) -> None:
        self.view: StageView | None = stage(snapshot, **stage_fields)
        self.clock = ManualClock()
        self.functions = Functions()
        self.roles = Roles()
        self.policies = Policies()
        self.sinks = Sinks()
        self.keys: dict[str, KeyInPlan] = {}
        self.account_view = AccountView("arn:aws:iam::123456789012:role/logs", Throttle(10000, 5000))
        self.quota_left = 10**9
        self.apis = ExecuteApi(
            deployed=self,  # type: ignore[arg-type]
            usage=self,
            clock=self.clock,
            ids=Ids(),
            functions=self.functions,
            roles=self.roles,  # type: ignore[arg-type]
            authorizer=self.policies,
            documents=self.policies,
            logs=self.sinks,
            metrics=self.sinks,
        )

    # --- DeployedApis, UsageCounter

    def stage(self, api_id: str, stage_name: str) -> StageView | None:
        view = self.view
        return view if view and (api_id, stage_name) == (view.api.api_id, view.name) else None

    def live(self, api_id: str) -> ApiSnapshot | None:
        return self.view.api if self.view else None

    def api_key(self, api_id: str, stage_name: str, value: str) -> KeyInPlan | None:
        return self.keys.get(value)

    def account(self, scope: Scope) -> AccountView:
        return self.account_view

    def take(self, in_plan: KeyInPlan, now: datetime) -> bool:
        self.quota_left -= 1
        return self.quota_left >= 0

    def add_key(
        self, value: str, *, enabled: bool = True, throttle: Throttle | None = None, **plan: Any
    ) -> None:
        key = ApiKey(f"id-{value}", value, value, enabled, None)
        self.keys[value] = KeyInPlan(
            key, UsagePlan("plan1", "plan", throttle or Throttle(), Quota(10, "DAY"), plan.get("methods", {}))
        )

    async def call(
        self,
        verb: str = "GET",
        target: str = "/",
        body: bytes | str | Any = b"",
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
        **fields: Any,
    ) -> ApiResponse:
        path, _, query = target.partition("?")
        pairs = list(headers.items()) if isinstance(headers, Mapping) else (headers or [])
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request = ApiRequest(
            request_id="11111111-2222-4333-8444-555555555555",
            api_id="abcdef1234",
            stage="prod",
            method=verb,
            path=path,
            query=query,
            headers=(("Host", "abcdef1234.execute-api.us-east-1.amazonaws.com"), *pairs),
            body=body,
            source_ip="127.0.0.1",
            host="abcdef1234.execute-api.us-east-1.amazonaws.com",
            received_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            **fields,
        )
        return await self.apis.answer(request)


def signed(principal: Principal | None = USER, code: str = "", message: str = "") -> Signature:
    return Signature(principal, code, message)


def message_of(response: ApiResponse) -> Any:
    return json.loads(response.body)


def mapped(
    *responses: Any,
    kind: Any = "AWS",
    verb: str = "POST",
    snapshot: dict[str, Any] | None = None,
    path: str = "/",
    **fields: Any,
) -> House:
    """Return a house whose API has one method, with an integration that maps."""
    behind = integration(kind, *(responses or (answer(),)), **fields)
    return House(api({path: [method(behind, verb)]}, **(snapshot or {})), variables={"k": "v"})
