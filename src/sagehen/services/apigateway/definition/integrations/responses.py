"""Integration responses: from what the backend said to a method response."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.integrations.operations import INTEGRATION_PATH
from sagehen.services.apigateway.definition.mappings import (
    check_content_handling,
    check_content_types,
    check_response_mappings,
    nullify_empty_templates,
)
from sagehen.services.apigateway.definition.models.schema_rules import pattern_fault
from sagehen.services.apigateway.documents.definition import Definition, Document, given
from sagehen.services.apigateway.documents.effects import entry, field
from sagehen.services.apigateway.documents.patches import ADD_REMOVE_REPLACE, REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import (
    BadRequestException,
    NotFoundException,
    no_such_integration,
    no_such_resource,
    no_such_response,
)

_PATH = INTEGRATION_PATH + "/responses/{statusCode}"

PATCHES = PatchTable(
    Row("/selectionPattern", ("replace", "remove"), field("selectionPattern")),
    Row("/contentHandling", ("replace", "remove"), field("contentHandling", lambda value: value or None)),
    Row("/responseParameters/{name}", ADD_REMOVE_REPLACE, entry("responseParameters")),
    Row(
        "/responseTemplates/{contentType}",
        ADD_REMOVE_REPLACE,
        entry("responseTemplates", missing="Content-Type specified was not found", known=False),
    ),
    Row("/statusCode", REPLACE, field("statusCode")),
)


def check_integration_response(document: Document, method: Document) -> None:
    """Check an integration response as a whole, against its method response.

    Raises:
        BadRequestException
    """
    if (pattern := document.get("selectionPattern")) and (fault := pattern_fault(pattern)):
        raise BadRequestException(f"Invalid selection pattern specified: {pattern[:200]}: {fault}")
    check_content_handling(document)
    check_content_types(document.get("responseTemplates", {}))
    nullify_empty_templates(document, "responseTemplates")
    declared = method.get("methodResponses", {}).get(document["statusCode"], {})
    check_response_mappings(document.get("responseParameters", {}), declared.get("responseParameters", {}))


def _response(definition: Definition, request: Request) -> Document:
    integration = definition.integration(request["resourceId"], request["httpMethod"])
    response: Document | None = integration.get("integrationResponses", {}).get(request["statusCode"])
    if response is None:
        raise no_such_response()
    return response


class IntegrationResponses:
    """The operations on integration responses."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @operation("PutIntegrationResponse", access=via("PUT", _PATH))
    async def put_integration_response(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            integration = definition.integration(request["resourceId"], request["httpMethod"])
            document: Document = {"statusCode": request["statusCode"]}
            document |= given(
                request,
                "selectionPattern",
                "responseParameters",
                "responseTemplates",
                "contentHandling",
                empty=True,
            )
            method = definition.method(request["resourceId"], request["httpMethod"])
            check_integration_response(document, method)
            integration.setdefault("integrationResponses", {})[request["statusCode"]] = document
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("GetIntegrationResponse", access=via("GET", _PATH))
    async def get_integration_response(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], no_such_resource())
        return _response(definition, request)

    @operation("UpdateIntegrationResponse", access=via("PATCH", _PATH))
    async def update_integration_response(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            document = _response(definition, request)
            PATCHES.apply(document, request.get("patchOperations"))
            method = definition.method(request["resourceId"], request["httpMethod"])
            check_integration_response(document, method)
            responses = method["methodIntegration"]["integrationResponses"]
            # A response may be patched to another status; it is listed under that one then (from memory).
            if document["statusCode"] != request["statusCode"]:
                del responses[request["statusCode"]]
                responses[document["statusCode"]] = document
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("DeleteIntegrationResponse", access=via("DELETE", _PATH))
    async def delete_integration_response(self, context: RequestContext, request: Request) -> None:
        def change(definition: Definition) -> None:
            definition.resource(request["resourceId"])
            try:
                integration = definition.integration(request["resourceId"], request["httpMethod"])
            except NotFoundException:  # here AWS says so even where the method itself is missing
                raise no_such_integration() from None
            _response(definition, request)
            del integration["integrationResponses"][request["statusCode"]]
            if not integration["integrationResponses"]:
                del integration["integrationResponses"]

        await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())
