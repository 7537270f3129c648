"""From documents to snapshots: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from sagehen.services.apigateway.definition.authorizers import DEFAULT_TTL_S
from sagehen.services.apigateway.definition.default_responses import STATUS_CODES, effective_response
from sagehen.services.apigateway.definition.integrations.rules import DEFAULT_TIMEOUT_MS
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.snapshot.apis import (
    ApiSnapshot,
    Authorizer,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    Method,
    MethodResponse,
    Model,
    RequestValidator,
    Resource,
)

T = TypeVar("T")


def freeze(definition: Definition, deployment_id: str = "") -> ApiSnapshot:
    """Make the snapshot of an API as its definition stands."""
    settings = definition.settings
    return ApiSnapshot(
        api_id=definition.id,
        name=settings["name"],
        scope=definition.scope,
        deployment_id=deployment_id,
        api_key_source=settings.get("apiKeySource", "HEADER"),
        binary_media_types=tuple(settings.get("binaryMediaTypes", ())),
        minimum_compression_size=settings.get("minimumCompressionSize"),
        disable_execute_api_endpoint=settings.get("disableExecuteApiEndpoint", False),
        endpoint_types=tuple(settings.get("endpointConfiguration", {}).get("types", ())),
        policy=settings.get("policy"),
        models=_each(definition.models, _model),
        request_validators=_each(definition.validators, _validator),
        authorizers=_each(definition.authorizers, _authorizer),
        # All of AWS's types, so that the data plane has no defaults of its own to look up.
        gateway_responses=_frozen({name: _gateway_response(definition, name) for name in STATUS_CODES}),
        resources=_each(definition.by_path(), _resource),
    )


def _frozen(mapping: dict[str, T]) -> Mapping[str, T]:
    return MappingProxyType(mapping)


def _each(documents: dict[str, Document], make: Any) -> Mapping[str, Any]:
    return _frozen({key: make(document) for key, document in documents.items()})


def _map(document: Document, member: str) -> Mapping[str, Any]:
    return _frozen(dict(document.get(member) or {}))


def _model(document: Document) -> Model:
    return Model(document["name"], document["contentType"], document.get("schema") or "{}")


def _validator(document: Document) -> RequestValidator:
    return RequestValidator(
        document["id"],
        document.get("name", ""),
        validate_body=document["validateRequestBody"],
        validate_parameters=document["validateRequestParameters"],
    )


def _authorizer(document: Document) -> Authorizer:
    # Documented: CreateAuthorizer, identitySource: several are told apart by commas.
    sources = (document.get("identitySource") or "").split(",")
    return Authorizer(
        id=document["id"],
        name=document["name"],
        type=document["type"],
        uri=document["authorizerUri"],
        credentials=document.get("authorizerCredentials"),
        identity_sources=tuple(source.strip() for source in sources if source.strip()),
        identity_validation_expression=document.get("identityValidationExpression"),
        ttl_s=document.get("authorizerResultTtlInSeconds", DEFAULT_TTL_S),
    )


def _gateway_response(definition: Definition, response_type: str) -> GatewayResponse:
    document = effective_response(definition.gateway_responses, response_type)
    return GatewayResponse(
        response_type=response_type,
        status_code=document.get("statusCode"),
        response_parameters=_map(document, "responseParameters"),
        response_templates=_map(document, "responseTemplates"),
        is_default=document["defaultResponse"],
    )


def _resource(document: Document) -> Resource:
    return Resource(
        id=document["id"],
        parent_id=document.get("parentId"),
        path=document["path"],
        path_part=document.get("pathPart", ""),
        methods=_each(document["resourceMethods"], _method),
    )


def _method(document: Document) -> Method:
    integration = document.get("methodIntegration")
    return Method(
        http_method=document["httpMethod"],
        authorization_type=document["authorizationType"],
        authorizer_id=document.get("authorizerId"),
        authorization_scopes=tuple(document.get("authorizationScopes", ())),
        api_key_required=document.get("apiKeyRequired", False),
        operation_name=document.get("operationName"),
        request_parameters=_map(document, "requestParameters"),
        request_models=_map(document, "requestModels"),
        request_validator_id=document.get("requestValidatorId"),
        responses=_each(document.get("methodResponses", {}), _method_response),
        integration=_integration(integration) if integration else None,
    )


def _method_response(document: Document) -> MethodResponse:
    return MethodResponse(
        document["statusCode"], _map(document, "responseParameters"), _map(document, "responseModels")
    )


def _integration(document: Document) -> Integration:
    return Integration(
        type=document["type"],
        http_method=document.get("httpMethod"),
        uri=document.get("uri"),
        credentials=document.get("credentials"),
        request_parameters=_map(document, "requestParameters"),
        request_templates=_map(document, "requestTemplates"),
        passthrough_behavior=document.get("passthroughBehavior", "WHEN_NO_MATCH"),
        content_handling=document.get("contentHandling"),
        timeout_ms=document.get("timeoutInMillis", DEFAULT_TIMEOUT_MS),
        insecure_skip_verification=document.get("tlsConfig", {}).get("insecureSkipVerification", False),
        responses=_each(document.get("integrationResponses", {}), _integration_response),
    )


def _integration_response(document: Document) -> IntegrationResponse:
    return IntegrationResponse(
        status_code=document["statusCode"],
        selection_pattern=document.get("selectionPattern"),
        response_parameters=_map(document, "responseParameters"),
        response_templates=_map(document, "responseTemplates"),
        content_handling=document.get("contentHandling"),
    )
