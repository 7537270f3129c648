"""Methods of resources."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.mappings import check_method_parameters
from sagehen.services.apigateway.documents.definition import Definition, Document, given
from sagehen.services.apigateway.documents.effects import boolean, entry, field, valued_element
from sagehen.services.apigateway.documents.patches import (
    ADD_REMOVE,
    ADD_REMOVE_REPLACE,
    REPLACE,
    PatchTable,
    Row,
)
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    no_such_method,
    no_such_resource,
)

# In the order of AWS's own list of them (recorded).
HTTP_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
# Documented: PutMethod, authorizationType.
AUTHORIZATION_TYPES = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
METHOD_PATH = "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}"

PATCHES = PatchTable(
    Row("/authorizationType", REPLACE, field("authorizationType")),
    Row("/authorizerId", REPLACE, field("authorizerId")),
    Row("/apiKeyRequired", REPLACE, field("apiKeyRequired", boolean)),
    Row("/operationName", REPLACE, field("operationName")),
    Row("/requestValidatorId", REPLACE, field("requestValidatorId", lambda value: value or None)),
    Row(
        "/requestParameters/{name}",
        ADD_REMOVE_REPLACE,
        entry("requestParameters", boolean),
    ),
    Row(
        "/requestModels/{contentType}",
        ADD_REMOVE_REPLACE,
        entry("requestModels", missing="Content-Type specified was not found"),
    ),
    Row("/authorizationScopes", ADD_REMOVE, valued_element("authorizationScopes")),
)


def check_method(definition: Definition, document: Document) -> None:
    """Check a method as a whole, and drop an authorizer that its type does not use.

    Raises:
        BadRequestException
        NotImplementedOperation: Cognito.
    """
    document["authorizationType"] = kind = document["authorizationType"].upper()  # AWS takes any case
    if kind not in AUTHORIZATION_TYPES:
        raise BadRequestException(
            f"Invalid authorization type specified. Valid options are {','.join(AUTHORIZATION_TYPES)}"
        )
    if kind in ("CUSTOM", "COGNITO_USER_POOLS"):
        if document.get("authorizerId") not in definition.authorizers:
            raise BadRequestException(
                "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or"
                " COGNITO_USER_POOLS requires a valid authorizer."
            )
        if kind == "COGNITO_USER_POOLS":
            raise NotImplementedOperation("Authorization by Cognito user pools is not built.")
    else:
        # From memory: AWS takes an authorizer that the type does not use, and does not keep it.
        document.pop("authorizerId", None)
    if (validator := document.get("requestValidatorId")) and validator not in definition.validators:
        raise BadRequestException("Invalid Request Validator identifier specified")
    check_method_parameters(document.get("requestParameters", {}))
    for model in document.get("requestModels", {}).values():
        if model not in definition.models:
            raise BadRequestException(f"Invalid model identifier specified: {model}")


class Methods:
    """The operations on methods."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @operation("PutMethod", access=via("PUT", METHOD_PATH))
    async def put_method(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            resource = definition.resource(request["resourceId"])
            verb = request["httpMethod"]
            if verb not in HTTP_METHODS:
                raise BadRequestException(
                    f"Invalid HttpMethod specified. Valid options are {','.join(HTTP_METHODS)}"
                )
            document = _new_method(request)
            check_method(definition, document)
            if verb in resource["resourceMethods"]:
                raise ConflictException("Method already exists for this resource")
            resource["resourceMethods"][verb] = document
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("GetMethod", access=via("GET", METHOD_PATH))
    async def get_method(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], no_such_resource())
        return definition.method(request["resourceId"], request["httpMethod"])

    @operation("UpdateMethod", access=via("PATCH", METHOD_PATH))
    async def update_method(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            document = definition.method(request["resourceId"], request["httpMethod"])
            PATCHES.apply(document, request.get("patchOperations"))
            check_method(definition, document)
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())

    @operation("DeleteMethod", access=via("DELETE", METHOD_PATH))
    async def delete_method(self, context: RequestContext, request: Request) -> None:
        def change(definition: Definition) -> None:
            resource = definition.resource(request["resourceId"])
            if resource["resourceMethods"].pop(request["httpMethod"], None) is None:
                raise no_such_method()

        await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())


def _new_method(request: Request) -> Document:
    document: dict[str, Any] = {
        "httpMethod": request["httpMethod"],
        "authorizationType": request["authorizationType"],
        "apiKeyRequired": request.get("apiKeyRequired", False),
    }
    document |= given(
        request,
        "authorizerId",
        "operationName",
        "requestParameters",
        "requestModels",
        "requestValidatorId",
        "authorizationScopes",
    )
    return document
