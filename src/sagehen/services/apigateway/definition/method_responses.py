"""Method responses: the statuses, headers and models that a method declares."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.mappings import check_method_response_parameters
from sagehen.services.apigateway.definition.methods import METHOD_PATH
from sagehen.services.apigateway.documents.definition import Definition, Document, given
from sagehen.services.apigateway.documents.effects import boolean, entry
from sagehen.services.apigateway.documents.patches import ADD_REMOVE_REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    no_such_resource,
    no_such_response,
)

_PATH = METHOD_PATH + "/responses/{statusCode}"

PATCHES = PatchTable(
    Row("/responseParameters/{name}", ADD_REMOVE_REPLACE, entry("responseParameters", boolean)),
    Row(
        "/responseModels/{contentType}",
        ADD_REMOVE_REPLACE,
        entry("responseModels", missing="Content-Type specified was not found"),
    ),
)


def check_method_response(definition: Definition, document: Document) -> None:
    """Check a method response as a whole.

    Raises:
        BadRequestException
    """
    check_method_response_parameters(document.get("responseParameters", {}))
    for model in document.get("responseModels", {}).values():
        if model not in definition.models:
            raise BadRequestException(f"Invalid model identifier specified: {model}")


def _response(method: Document, status: str) -> Document:
    response: Document | None = method.get("methodResponses", {}).get(status)
    if response is None:
        raise no_such_response()
    return response


class MethodResponses:
    """The operations on method responses."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @operation("PutMethodResponse", access=via("PUT", _PATH))
    async def put_method_response(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            method = definition.method(request["resourceId"], request["httpMethod"])
            document: Document = {"statusCode": request["statusCode"]}
            document |= given(request, "responseParameters", "responseModels", empty=True)
            check_method_response(definition, document)
            responses = method.setdefault("methodResponses", {})
            # From memory: a second PutMethodResponse is refused, a second PutIntegrationResponse replaces the
            # first.
            if request["statusCode"] in responses:
                raise ConflictException("Response already exists for this resource")
            responses[request["statusCode"]] = document
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("GetMethodResponse", access=via("GET", _PATH))
    async def get_method_response(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], no_such_resource())
        method = definition.method(request["resourceId"], request["httpMethod"])
        return _response(method, request["statusCode"])

    @operation("UpdateMethodResponse", access=via("PATCH", _PATH))
    async def update_method_response(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            method = definition.method(request["resourceId"], request["httpMethod"])
            document = _response(method, request["statusCode"])
            PATCHES.apply(document, request.get("patchOperations"))
            check_method_response(definition, document)
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("DeleteMethodResponse", access=via("DELETE", _PATH))
    async def delete_method_response(self, context: RequestContext, request: Request) -> None:
        def change(definition: Definition) -> None:
            method = definition.method(request["resourceId"], request["httpMethod"])
            _response(method, request["statusCode"])
            del method["methodResponses"][request["statusCode"]]
            # From memory: AWS answers no empty maps; without the last response the member is gone.
            if not method["methodResponses"]:
                del method["methodResponses"]

        await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())
