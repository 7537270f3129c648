"""Integrations: what stands behind methods."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.credentials import check_credentials
from sagehen.services.apigateway.definition.integrations.rules import DEFAULT_TIMEOUT_MS, check_integration
from sagehen.services.apigateway.definition.methods import METHOD_PATH
from sagehen.services.apigateway.documents.definition import Definition, Document, given
from sagehen.services.apigateway.documents.effects import boolean, entry, field, integer, nested
from sagehen.services.apigateway.documents.patches import (
    ADD_REMOVE,
    ADD_REMOVE_REPLACE,
    REPLACE,
    Patch,
    PatchTable,
    Row,
)
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import no_such_resource

INTEGRATION_PATH = METHOD_PATH + "/integration"


def _cache_key(document: Document, patch: Patch) -> None:
    parameters = [name for name in document["cacheKeyParameters"] if name != patch.name]
    if patch.op == "add":
        parameters.append(patch.name)
    document["cacheKeyParameters"] = parameters


PATCHES = PatchTable(
    Row("/type", REPLACE, field("type")),
    Row("/httpMethod", REPLACE, field("httpMethod")),
    Row("/uri", REPLACE, field("uri")),
    Row("/credentials", ("replace", "remove"), field("credentials", lambda value: value or None)),
    Row("/passthroughBehavior", REPLACE, field("passthroughBehavior")),
    Row("/contentHandling", ("replace", "remove"), field("contentHandling", lambda value: value or None)),
    Row("/timeoutInMillis", REPLACE, field("timeoutInMillis", integer)),
    Row("/cacheNamespace", REPLACE, field("cacheNamespace")),
    Row("/cacheKeyParameters/{name}", ADD_REMOVE, _cache_key),
    Row("/connectionType", REPLACE, field("connectionType")),
    Row("/connectionId", REPLACE, field("connectionId")),
    Row("/responseTransferMode", REPLACE, field("responseTransferMode")),
    Row(
        "/tlsConfig/insecureSkipVerification",
        REPLACE,
        nested("tlsConfig", "insecureSkipVerification", boolean),
    ),
    Row("/requestParameters/{name}", ADD_REMOVE_REPLACE, entry("requestParameters")),
    Row(
        "/requestTemplates/{contentType}",
        ADD_REMOVE_REPLACE,
        entry("requestTemplates", missing="Content-Type specified was not found", known=False),
    ),
)


def new_integration(request: Request, resource_id: str) -> Document:
    """Return the Integration structure of a PutIntegration request, defaults filled in."""
    document: Document = {
        "type": request["type"],
        "passthroughBehavior": request.get("passthroughBehavior", "WHEN_NO_MATCH"),
        "timeoutInMillis": request.get("timeoutInMillis", DEFAULT_TIMEOUT_MS),
        # Documented: PutIntegration, cacheNamespace: the resource's id, unless it is said.
        "cacheNamespace": request.get("cacheNamespace") or resource_id,
        "cacheKeyParameters": list(request.get("cacheKeyParameters", ())),
    }
    if verb := request.get("integrationHttpMethod"):
        document["httpMethod"] = verb
    document |= given(
        request,
        "uri",
        "credentials",
        "connectionType",
        "connectionId",
        "contentHandling",
        "requestParameters",
        "requestTemplates",
        "responseTransferMode",
        "tlsConfig",
    )
    if document["type"] == "MOCK":
        document.pop("uri", None)  # nothing stands there (recorded)
    elif document["type"] in ("HTTP", "HTTP_PROXY"):
        # Documented: PutIntegration, connectionType.
        document.setdefault("connectionType", "INTERNET")
    return document


class Integrations:
    """The operations on integrations."""

    def __init__(self, records: Records, roles: Roles) -> None:
        self.records = records
        self._roles = roles

    @operation("PutIntegration", access=via("PUT", INTEGRATION_PATH))
    async def put_integration(self, context: RequestContext, request: Request) -> Document:
        self._check_role(context, request.get("credentials"))
        if request.get("integrationTarget"):
            raise NotImplementedOperation("PutIntegration integrationTarget (VPC links) is not implemented.")

        def change(definition: Definition) -> Document:
            method = definition.method(request["resourceId"], request["httpMethod"])
            document = new_integration(request, request["resourceId"])
            check_integration(document, method)
            method["methodIntegration"] = document
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("GetIntegration", access=via("GET", INTEGRATION_PATH))
    async def get_integration(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], no_such_resource())
        return definition.integration(request["resourceId"], request["httpMethod"])

    @operation("UpdateIntegration", access=via("PATCH", INTEGRATION_PATH))
    async def update_integration(self, context: RequestContext, request: Request) -> Document:
        for patch in request.get("patchOperations", ()):
            if patch.get("path") == "/credentials":
                self._check_role(context, patch.get("value"))

        def change(definition: Definition) -> Document:
            document = definition.integration(request["resourceId"], request["httpMethod"])
            PATCHES.apply(document, request.get("patchOperations"))
            check_integration(document, definition.method(request["resourceId"], request["httpMethod"]))
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("DeleteIntegration", access=via("DELETE", INTEGRATION_PATH))
    async def delete_integration(self, context: RequestContext, request: Request) -> None:
        def change(definition: Definition) -> None:
            definition.integration(request["resourceId"], request["httpMethod"])
            del definition.method(request["resourceId"], request["httpMethod"])["methodIntegration"]

        await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    def _check_role(self, context: RequestContext, credentials: str | None) -> None:
        check_credentials(self._roles, context.principal, credentials, context.condition_keys())
