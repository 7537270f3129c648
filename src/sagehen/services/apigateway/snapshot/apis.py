"""An API as it was deployed, and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sagehen.domain.scope import Scope

AuthorizationType = Literal["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"]
IntegrationType = Literal["HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY"]
PassthroughBehavior = Literal["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"]
ContentHandling = Literal["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]


@dataclass(frozen=True, slots=True)
class Model:
    """`schema` is JSON Schema draft 4 as text; it may refer to other models by their URL."""

    name: str
    content_type: str
    schema: str


@dataclass(frozen=True, slots=True)
class RequestValidator:
    """What of a request is checked, for the methods that name it."""

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
