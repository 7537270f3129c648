"""What a deployment freezes: the contract between the control plane and the data plane.

The control plane makes these from its records; the data plane only reads them. They are immutable
and hashable by identity, so that whatever is compiled from one (a route table, templates,
validators) may be remembered per snapshot object for as long as that object lives: the control
plane hands out the same `ApiSnapshot` object for the same deployment until memory is emptied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from sagehen.domain.scope import Scope

AuthorizationType = Literal["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"]
IntegrationType = Literal["HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY"]
PassthroughBehavior = Literal["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"]
ContentHandling = Literal["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]
LoggingLevel = Literal["OFF", "ERROR", "INFO"]


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: `rate` tokens per second flow in, `burst` fit in. None: not limited here."""

    rate: float | None = None
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """`schema` is JSON Schema draft 4 as text; it may refer to other models by their URL."""

    name: str
    content_type: str
    schema: str


@dataclass(frozen=True, slots=True)
class RequestValidator:
    id: str
    name: str
    validate_body: bool
    validate_parameters: bool


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A Lambda authorizer.

    Args:
        type: TOKEN or REQUEST.
        uri: `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations`.
        credentials: Role to invoke it with; None means the function's resource policy must allow it.
        identity_sources: `method.request.header.Authorization`, `method.request.querystring.x`,
            `stageVariables.x`, `context.x`; TOKEN has exactly one. Empty only with `ttl_s` 0.
        identity_validation_expression: Regular expression that a TOKEN's value must match; or None.
        ttl_s: How long a result is remembered; 0 turns the cache off.
    """

    id: str
    name: str
    type: Literal["TOKEN", "REQUEST"]
    uri: str
    credentials: str | None
    identity_sources: tuple[str, ...]
    identity_validation_expression: str | None
    ttl_s: int


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """`status_code` None: the default of its type. `is_default`: AWS's own or its family's
    (DEFAULT_4XX, DEFAULT_5XX), not defined for this type.

    `response_parameters` keys: `gatewayresponse.header.NAME`; values `'static'`,
    `method.request.header.X`, `context.x`, ...
    """

    response_type: str
    status_code: str | None
    response_parameters: Mapping[str, str]
    response_templates: Mapping[str, str]
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """`selection_pattern` None or "": the default response."""

    status_code: str
    selection_pattern: str | None
    response_parameters: Mapping[str, str]
    response_templates: Mapping[str, str | None]
    content_handling: ContentHandling | None


@dataclass(frozen=True, slots=True)
class Integration:
    """What stands behind a method.

    Args:
        http_method: The method sent to the backend; None for MOCK.
        uri: HTTP(S) URL with `{param}` and `${stageVariables.x}` holes, or an AWS service URI.
        credentials: Role ARN, `arn:aws:iam::*:user/*` for the caller's own, or None.
        request_parameters: `integration.request.header.X` -> `method.request.querystring.y`, ...
        responses: By status code, in order of their making.
    """

    type: IntegrationType
    http_method: str | None
    uri: str | None
    credentials: str | None
    request_parameters: Mapping[str, str]
    request_templates: Mapping[str, str | None]
    passthrough_behavior: PassthroughBehavior
    content_handling: ContentHandling | None
    timeout_ms: int
    insecure_skip_verification: bool
    responses: Mapping[str, IntegrationResponse]


@dataclass(frozen=True, slots=True)
class MethodResponse:
    """`response_parameters`: `method.response.header.X` -> required; `response_models`: type -> model."""

    status_code: str
    response_parameters: Mapping[str, bool]
    response_models: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a resource.

    Args:
        http_method: `GET`, ... or `ANY`.
        request_parameters: `method.request.{path,querystring,header}.NAME` -> required.
        request_models: Content type (or `$default`) -> model name.
        responses: By status code.
        integration: None only in a live API: a deployment is refused without one.
    """

    http_method: str
    authorization_type: AuthorizationType
    authorizer_id: str | None
    authorization_scopes: tuple[str, ...]
    api_key_required: bool
    operation_name: str | None
    request_parameters: Mapping[str, bool]
    request_models: Mapping[str, str]
    request_validator_id: str | None
    responses: Mapping[str, MethodResponse]
    integration: Integration | None


@dataclass(frozen=True, slots=True)
class Resource:
    """One node of the tree. `path` begins with `/`; `path_part` is '' at the root."""

    id: str
    parent_id: str | None
    path: str
    path_part: str
    methods: Mapping[str, Method]


@dataclass(frozen=True, slots=True, eq=False)
class ApiSnapshot:
    """A whole API as it was deployed, or as it is now (`DeployedApis.live`).

    Args:
        deployment_id: '' for the live API.
        policy: The API's resource policy (JSON text), or None.
        resources: By path.
        gateway_responses: By type, every type of AWS present.
    """

    api_id: str
    name: str
    scope: Scope
    deployment_id: str
    api_key_source: Literal["HEADER", "AUTHORIZER"]
    binary_media_types: tuple[str, ...]
    minimum_compression_size: int | None
    disable_execute_api_endpoint: bool
    endpoint_types: tuple[str, ...]
    policy: str | None
    models: Mapping[str, Model]
    request_validators: Mapping[str, RequestValidator]
    authorizers: Mapping[str, Authorizer]
    gateway_responses: Mapping[str, GatewayResponse]
    resources: Mapping[str, Resource]


@dataclass(frozen=True, slots=True)
class MethodSettings:
    """Settings of a stage's methods. `None` in the throttle: the account's limit alone."""

    logging_level: LoggingLevel = "OFF"
    data_trace: bool = False
    metrics: bool = False
    throttle: Throttle = field(default_factory=Throttle)


@dataclass(frozen=True, slots=True)
class AccessLog:
    """`destination_arn`: a log group's ARN; `format`: a line with `$context...` variables."""

    destination_arn: str
    format: str


@dataclass(frozen=True, slots=True, eq=False)
class Canary:
    """A second deployment that takes `percent_traffic` (0 to 100) of the stage's requests."""

    api: ApiSnapshot
    percent_traffic: float
    stage_variable_overrides: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class StageView:
    """One stage as requests meet it. A new object after every change to the stage.

    Args:
        api: What its deployment froze.
        method_settings: `PATH/VERB` as AWS spells the keys, with `~1` decoded (`/pets/GET`) -> settings
            already merged over `*/*`. Ask `settings_for`.
    """

    api: ApiSnapshot
    name: str
    variables: Mapping[str, str]
    canary: Canary | None
    default_settings: MethodSettings
    method_settings: Mapping[str, MethodSettings]
    access_log: AccessLog | None
    tags: Mapping[str, str]

    def settings_for(self, resource_path: str, http_method: str) -> MethodSettings:
        """Return the settings of a method (`/pets/{id}`, `GET`; the resource's own method may be ANY)."""
        return self.method_settings.get(f"{resource_path}/{http_method}", self.default_settings)


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    name: str
    value: str
    enabled: bool
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit` requests per `period`; the first period begins with `offset` of them gone."""

    limit: int
    period: Literal["DAY", "WEEK", "MONTH"]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """A usage plan as it applies to one stage.

    Args:
        throttle: For all of the key's requests under the plan.
        method_throttles: `/pets/GET` -> throttle of that method in this stage.
        created_at: The quota's offset applies to the period that this lies in.
    """

    id: str
    name: str
    throttle: Throttle
    quota: Quota | None
    method_throttles: Mapping[str, Throttle]
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyInPlan:
    """An API key that is in a usage plan of the stage."""

    key: ApiKey
    plan: UsagePlan


@dataclass(frozen=True, slots=True)
class AccountView:
    """Account settings of a region. `cloudwatch_role_arn` None: no execution logs are written."""

    cloudwatch_role_arn: str | None
    throttle: Throttle


class DeployedApis(Protocol):
    """What the data plane asks of the control plane. All synchronous: memory, or one read after a change."""

    def stage(self, api_id: str, stage_name: str) -> StageView | None:
        """Return the stage, or None where there is no such API or stage."""
        ...

    def live(self, api_id: str) -> ApiSnapshot | None:
        """Return the API as it is now, not deployed: for TestInvokeMethod and TestInvokeAuthorizer."""
        ...

    def api_key(self, api_id: str, stage_name: str, value: str) -> KeyInPlan | None:
        """Return the key of this value with its usage plan, if a plan of this stage holds the key."""
        ...

    def account(self, scope: Scope) -> AccountView: ...


class UsageCounter(Protocol):
    """Counts requests against quotas; survives restarts (written behind within a second)."""

    def take(self, in_plan: KeyInPlan, now: datetime) -> bool:
        """Count one request; False (and nothing counted) where the plan's quota is spent."""
        ...


class DataPlane(Protocol):
    """What the control plane asks of the data plane."""

    @property
    def operations(self) -> tuple[object, ...]:
        """Objects whose `@operation` methods need the data plane: TestInvokeMethod, TestInvokeAuthorizer."""
        ...

    def flush_stage_cache(self, api_id: str, stage_name: str) -> None: ...

    def flush_authorizers_cache(self, api_id: str, stage_name: str) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def reset(self) -> None: ...
