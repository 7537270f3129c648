"""Security schemes of an OpenAPI document: authorizers, IAM, API keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagehen.domain.ids import Ids
from sagehen.services.apigateway.definition.authorizers import check_authorizer, new_authorizer
from sagehen.services.apigateway.documents.definition import Definition, Document, new_id
from sagehen.services.apigateway.errors import BadRequestException
from sagehen.services.apigateway.openapi.shapes import AUTHORIZER as AUTHORIZER_SHAPE
from sagehen.services.apigateway.openapi.shapes import check_shape

# Documented: OpenAPI extensions for API Gateway, as are the next two.
AUTHORIZER = "x-amazon-apigateway-authorizer"
AUTH_TYPE = "x-amazon-apigateway-authtype"
METHOD_AUTH = "x-amazon-apigateway-auth"


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a scheme means for a method that names it."""

    authorization_type: str | None = None
    authorizer_id: str | None = None
    api_key: bool = False


def read_schemes(document: Document, definition: Definition, ids: Ids) -> dict[str, Scheme]:
    """Make the authorizers of the document, and return the schemes by name.

    Args:
        document, definition, ids: As the reader has them.

    Raises:
        BadRequestException, NotImplementedOperation
    """
    schemes = document.get("securityDefinitions") or (document.get("components") or {}).get("securitySchemes")
    known = {one["name"]: one["id"] for one in definition.authorizers.values()}
    return {
        name: _scheme(name, scheme, definition, known.get(name) or new_id(ids))
        for name, scheme in (schemes or {}).items()
    }


def _scheme(name: str, scheme: Document, definition: Definition, authorizer_id: str) -> Scheme:
    if isinstance(described := scheme.get(AUTHORIZER), dict):
        if described.get("identitySource") == "":
            # AWS takes it, also with failOnWarnings (recorded); the type's own default stands.
            described = {**described, "identitySource": None}
        authorizer = _authorizer(name, scheme, described, authorizer_id)
        check_shape(authorizer, AUTHORIZER_SHAPE)
        check_authorizer(authorizer)
        definition.authorizers[authorizer["id"]] = authorizer
        return Scheme("CUSTOM", authorizer["id"])
    if str(scheme.get(AUTH_TYPE, "")).lower() == "awssigv4":
        return Scheme("AWS_IAM")
    if scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
        return Scheme(api_key=True)
    # A scheme that API Gateway does not know asks for nothing (from memory).
    return Scheme()


def _authorizer(name: str, scheme: Document, described: Document, authorizer_id: str) -> Document:
    kind = str(described.get("type", "token")).upper()
    source = described.get("identitySource")
    # Documented: x-amazon-apigateway-authorizer: the header that the scheme names.
    if source is None and kind == "TOKEN":
        source = f"method.request.header.{scheme.get('name', 'Authorization')}"
    request: dict[str, Any] = {
        "name": name,
        "type": kind,
        "authType": scheme.get(AUTH_TYPE, "custom"),
        "authorizerUri": described.get("authorizerUri"),
        "authorizerCredentials": described.get("authorizerCredentials"),
        "identitySource": source,
        "identityValidationExpression": described.get("identityValidationExpression"),
    }
    ttl = described.get("authorizerResultTtlInSeconds")
    if ttl is not None:
        try:
            request["authorizerResultTtlInSeconds"] = int(ttl)
        except (TypeError, ValueError):
            raise BadRequestException(f"Invalid authorizer result TTL specified: {ttl}") from None
    return new_authorizer(request, authorizer_id)


def secure(method: Document, operation: Document, default: Any, schemes: dict[str, Scheme]) -> None:
    """Set a method's authorization from its `security`, or the document's where it has none of its own."""
    for requirement in operation.get("security", default) or ():
        for name in requirement:
            scheme = schemes.get(name, Scheme())
            if scheme.api_key:
                method["apiKeyRequired"] = True
            if scheme.authorization_type:
                method["authorizationType"] = scheme.authorization_type
            if scheme.authorizer_id:
                method["authorizerId"] = scheme.authorizer_id
            if requirement[name] and scheme.authorizer_id:
                method["authorizationScopes"] = list(requirement[name])
    if isinstance(own := operation.get(METHOD_AUTH), dict) and own.get("type"):
        method["authorizationType"] = str(own["type"]).upper()
