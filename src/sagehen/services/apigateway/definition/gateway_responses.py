"""Gateway responses: what API Gateway itself answers, as the user rewrote it."""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.default_responses import (
    STATUS_CODES,
    default_response,
    effective_response,
    with_status,
)
from sagehen.services.apigateway.definition.mappings import check_content_types, check_gateway_mappings
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.effects import entry, field
from sagehen.services.apigateway.documents.listing import page
from sagehen.services.apigateway.documents.patches import ADD_REMOVE_REPLACE, REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException, NotFoundException

_COLLECTION = "/restapis/{restApiId}/gatewayresponses"
_ONE = _COLLECTION + "/{responseType}"
_STATUS = re.compile(r"[1-5]\d\d")

PATCHES = PatchTable(
    Row("/statusCode", REPLACE, field("statusCode")),
    Row("/responseParameters/{name}", ADD_REMOVE_REPLACE, entry("responseParameters")),
    Row(
        "/responseTemplates/{contentType}",
        ADD_REMOVE_REPLACE,
        entry("responseTemplates", missing="Content-Type specified was not found"),
    ),
    refusals="path",
)


def check_gateway_response(document: Document) -> None:
    """Check a gateway response as a whole.

    Raises:
        BadRequestException
    """
    if document["responseType"] not in STATUS_CODES:
        raise BadRequestException(f"Invalid gateway response type specified: {document['responseType']}")
    status = document.get("statusCode")
    if status is not None and not _STATUS.fullmatch(status):
        raise BadRequestException("Invalid gateway response status code specified")
    for member in ("responseTemplates", "responseParameters"):
        document.setdefault(member, {})
        if not all(document[member].values()):
            raise BadRequestException(f"Invalid null or empty value in {member}")
    check_content_types(document["responseTemplates"])
    check_gateway_mappings(document["responseParameters"])


def new_gateway_response(response_type: str, request: Request) -> Document:
    """Return the GatewayResponse structure of a PutGatewayResponse request."""
    document: Document = {
        "responseType": response_type,
        "responseParameters": request.get("responseParameters") or {},
        "responseTemplates": request.get("responseTemplates")
        or default_response(response_type)["responseTemplates"],
        "defaultResponse": False,
    }
    if status := request.get("statusCode"):
        document["statusCode"] = status
    return document


class GatewayResponses:
    """The operations on gateway responses."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @operation("PutGatewayResponse", access=via("PUT", _ONE))
    async def put_gateway_response(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            document = new_gateway_response(request["responseType"], request)
            check_gateway_response(document)
            definition.gateway_responses[request["responseType"]] = document
            return with_status(document)

        return await self.records.edit(context.scope, request["restApiId"], change)

    @operation("GetGatewayResponse", access=via("GET", _ONE))
    async def get_gateway_response(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"])
        return _response(definition, request["responseType"])

    @operation("GetGatewayResponses", access=via("GET", _COLLECTION))
    async def get_gateway_responses(self, context: RequestContext, request: Request) -> dict[str, Any]:
        definition = self.records.definition(context.scope, request["restApiId"])
        items = [_response(definition, name) for name in STATUS_CODES]
        return page(items, request, lambda one: one["responseType"], f"responses/{definition.id}")

    @operation("UpdateGatewayResponse", access=via("PATCH", _ONE))
    async def update_gateway_response(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            kind = request["responseType"]
            document = {**effective_response(definition.gateway_responses, kind)}
            if kind not in definition.gateway_responses and document.get("statusCode") == STATUS_CODES[kind]:
                document.pop("statusCode", None)  # nobody gave it
            PATCHES.apply(document, request.get("patchOperations"))
            # What anybody touched is no default any more, also where it says the same (recorded).
            document["defaultResponse"] = False
            check_gateway_response(document)
            definition.gateway_responses[request["responseType"]] = document
            return with_status(document)

        return await self.records.edit(context.scope, request["restApiId"], change)

    @operation("DeleteGatewayResponse", access=via("DELETE", _ONE))
    async def delete_gateway_response(self, context: RequestContext, request: Request) -> None:
        def change(definition: Definition) -> None:
            if definition.gateway_responses.pop(request["responseType"], None) is None:
                raise NotFoundException("Gateway response type not defined on api")

        await self.records.edit(context.scope, request["restApiId"], change)


def _response(definition: Definition, response_type: str) -> Document:
    return with_status(effective_response(definition.gateway_responses, response_type))
