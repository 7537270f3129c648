"""Authorizers: Lambda functions that decide who may call a method."""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.credentials import check_credentials
from sagehen.services.apigateway.definition.models.schema_rules import pattern_fault
from sagehen.services.apigateway.documents.definition import Definition, Document, given, new_id
from sagehen.services.apigateway.documents.effects import field, integer
from sagehen.services.apigateway.documents.listing import by_id, page
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
    concurrent_change,
)
from sagehen.services.apigateway.service_uris import parse_service_uri

# Both documented: CreateAuthorizer, authorizerResultTtlInSeconds.
DEFAULT_TTL_S = 300
MAX_TTL_S = 3600
_COLLECTION = "/restapis/{restApiId}/authorizers"
_ONE = _COLLECTION + "/{authorizerId}"
# Documented: CreateAuthorizer, identitySource.
_SOURCE = re.compile(
    r"method\.request\.(header|querystring)\.[^,\s]+|stageVariables\.[a-zA-Z0-9_]+|context\.[a-zA-Z0-9_.]+"
)

PATCHES = PatchTable(
    Row("/name", REPLACE, field("name")),
    Row("/type", REPLACE, field("type")),
    Row("/authType", REPLACE, field("authType")),
    Row("/authorizerUri", REPLACE, field("authorizerUri")),
    Row("/authorizerCredentials", REPLACE, field("authorizerCredentials", lambda value: value or None)),
    Row("/identitySource", REPLACE, field("identitySource")),
    Row(
        "/identityValidationExpression",
        REPLACE,
        field("identityValidationExpression", lambda value: value or None),
    ),
    Row("/authorizerResultTtlInSeconds", REPLACE, field("authorizerResultTtlInSeconds", integer)),
)


def check_authorizer(document: Document) -> None:
    """Check an authorizer as a whole.

    Raises:
        BadRequestException
        NotImplementedOperation: Cognito user pools and JWT.
    """
    kind = document["type"]
    if kind not in ("TOKEN", "REQUEST"):
        raise NotImplementedOperation(f"Authorizers of type {kind} are not built.")
    if not document.get("name"):
        raise BadRequestException("Authorizer name cannot be empty")
    uri = document.get("authorizerUri") or ""
    service_uri = parse_service_uri(uri)
    if service_uri is None or service_uri.function is None:
        raise BadRequestException(
            f"Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that"
            " represents a Lambda function invocation."
        )
    ttl = document.get("authorizerResultTtlInSeconds", DEFAULT_TTL_S)
    if not 0 <= ttl <= MAX_TTL_S:
        raise BadRequestException(f"Authorizer result TTL must be between 0 and {MAX_TTL_S}")
    _check_sources(document, kind, ttl)
    if (pattern := document.get("identityValidationExpression")) and (fault := pattern_fault(pattern)):
        raise BadRequestException(f"Invalid identity validation expression: {pattern[:200]}: {fault}")


def _check_sources(document: Document, kind: str, ttl: int) -> None:
    text = document.get("identitySource") or ""
    sources = [source.strip() for source in text.split(",") if source.strip()]
    if not sources and (kind == "TOKEN" or ttl > 0):
        raise BadRequestException(
            f"Identity source is required for {kind} authorizer"
            + (" with caching" if kind != "TOKEN" else "")
        )
    if kind == "TOKEN" and not (len(sources) == 1 and sources[0].startswith("method.request.header.")):
        raise BadRequestException(f"Invalid identity source: {text}")
    for source in sources:
        if not _SOURCE.fullmatch(source):
            raise BadRequestException(f"Invalid identity source: {source}")


def new_authorizer(request: Request, authorizer_id: str) -> Document:
    """Return the Authorizer structure of a CreateAuthorizer request, defaults filled in."""
    document: Document = {
        "id": authorizer_id,
        "name": request["name"],
        "type": request["type"],
        "authType": request.get("authType", "custom"),
    }
    if (ttl := request.get("authorizerResultTtlInSeconds")) is not None:
        document["authorizerResultTtlInSeconds"] = ttl  # the default is applied, but not shown (recorded)
    document |= given(
        request, "authorizerUri", "authorizerCredentials", "identitySource", "identityValidationExpression"
    )
    return document


class Authorizers:
    """The operations on authorizers."""

    def __init__(self, records: Records, ids: Ids, roles: Roles) -> None:
        self.records = records
        self._ids = ids
        self._roles = roles

    @operation("CreateAuthorizer", access=via("POST", _COLLECTION))
    async def create_authorizer(self, context: RequestContext, request: Request) -> Document:
        self._check_role(context, request.get("authorizerCredentials"))
        document = new_authorizer(request, new_id(self._ids))
        check_authorizer(document)

        def change(definition: Definition) -> Document:
            _refuse_name(definition, document)
            definition.authorizers[document["id"]] = document
            return document

        # What AWS answers where the API is unknown; other operations on authorizers say so.
        unknown = concurrent_change()
        return await self.records.edit(context.scope, request["restApiId"], change, unknown)

    @operation("GetAuthorizer", access=via("GET", _ONE))
    async def get_authorizer(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"])
        return _authorizer(definition, request["authorizerId"])

    @operation("GetAuthorizers", access=via("GET", _COLLECTION))
    async def get_authorizers(self, context: RequestContext, request: Request) -> dict[str, Any]:
        definition = self.records.definition(context.scope, request["restApiId"])
        authorizers = sorted(definition.authorizers.values(), key=by_id)
        return page(authorizers, request, by_id, f"authorizers/{definition.id}")

    @operation("UpdateAuthorizer", access=via("PATCH", _ONE))
    async def update_authorizer(self, context: RequestContext, request: Request) -> Document:
        for patch in request.get("patchOperations", ()):
            if patch.get("path") == "/authorizerCredentials":
                self._check_role(context, patch.get("value"))

        def change(definition: Definition) -> Document:
            document = _authorizer(definition, request["authorizerId"])
            PATCHES.apply(document, request.get("patchOperations"))
            check_authorizer(document)
            _refuse_name(definition, document)
            return document

        return await self.records.edit(context.scope, request["restApiId"], change)

    @operation("DeleteAuthorizer", access=via("DELETE", _ONE))
    async def delete_authorizer(self, context: RequestContext, request: Request) -> None:
        authorizer_id = request["authorizerId"]

        def change(definition: Definition) -> None:
            _authorizer(definition, authorizer_id)
            if user := definition.method_with("authorizerId", authorizer_id):
                raise ConflictException(
                    f"Cannot delete authorizer '{authorizer_id}', is referenced in method: {user}"
                )
            del definition.authorizers[authorizer_id]

        await self.records.edit(context.scope, request["restApiId"], change)

    def _check_role(self, context: RequestContext, credentials: str | None) -> None:
        check_credentials(self._roles, context.principal, credentials, context.condition_keys())


def _authorizer(definition: Definition, authorizer_id: str) -> Document:
    authorizer = definition.authorizers.get(authorizer_id)
    if authorizer is None:
        raise NotFoundException("Invalid Authorizer identifier specified")
    return authorizer


def _refuse_name(definition: Definition, document: Document) -> None:
    for other in definition.authorizers.values():
        if other["name"] == document["name"] and other["id"] != document["id"]:
            raise ConflictException("Authorizer name must be unique. Authorizer " + other["name"] + " exists")
