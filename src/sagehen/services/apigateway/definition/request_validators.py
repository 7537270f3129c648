"""Request validators."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Definition, Document, new_id
from sagehen.services.apigateway.documents.effects import boolean, field
from sagehen.services.apigateway.documents.listing import by_id, page
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException, ConflictException, NotFoundException

_COLLECTION = "/restapis/{restApiId}/requestvalidators"
_ONE = _COLLECTION + "/{requestValidatorId}"


def _name(value: str | None) -> str:
    if not value or not value.strip():
        raise BadRequestException("Request Validator name cannot be blank")
    return value


PATCHES = PatchTable(
    Row("/name", REPLACE, field("name", _name)),
    Row("/validateRequestParameters", REPLACE, field("validateRequestParameters", boolean)),
    Row("/validateRequestBody", REPLACE, field("validateRequestBody", boolean)),
    refusals="paths",
)


def _missing() -> NotFoundException:
    return NotFoundException("Invalid Request Validator identifier specified")


def _validator(definition: Definition, validator_id: str) -> Document:
    validator = definition.validators.get(validator_id)
    if validator is None:
        raise _missing()
    return validator


class RequestValidators:
    """The operations on request validators."""

    def __init__(self, records: Records, ids: Ids) -> None:
        self.records = records
        self._ids = ids

    @operation("CreateRequestValidator", access=via("POST", _COLLECTION))
    async def create_request_validator(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            document: Document = {"id": new_id(self._ids)}
            if request.get("name"):
                document["name"] = request["name"]
            document["validateRequestBody"] = request.get("validateRequestBody", False)
            document["validateRequestParameters"] = request.get("validateRequestParameters", False)
            definition.validators[document["id"]] = document
            return document

        # The one operation where AWS answers 400 for an unknown API.
        unknown = BadRequestException("Invalid REST API identifier specified")
        return await self.records.edit(context.scope, request["restApiId"], change, unknown)

    @operation("GetRequestValidator", access=via("GET", _ONE))
    async def get_request_validator(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], _missing())
        return _validator(definition, request["requestValidatorId"])

    @operation("GetRequestValidators", access=via("GET", _COLLECTION))
    async def get_request_validators(self, context: RequestContext, request: Request) -> dict[str, Any]:
        definition = self.records.definition(context.scope, request["restApiId"])
        validators = sorted(definition.validators.values(), key=by_id)
        return page(validators, request, by_id, f"validators/{definition.id}")

    @operation("UpdateRequestValidator", access=via("PATCH", _ONE))
    async def update_request_validator(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            document = _validator(definition, request["requestValidatorId"])
            PATCHES.apply(document, request.get("patchOperations"))
            # A validator may have no name, but not an empty one (recorded).
            if not document.get("name", "-"):
                raise BadRequestException("Request Validator name cannot be blank")
            return document

        return await self.records.edit(context.scope, request["restApiId"], change, _missing())

    @operation("DeleteRequestValidator", access=via("DELETE", _ONE))
    async def delete_request_validator(self, context: RequestContext, request: Request) -> None:
        validator_id = request["requestValidatorId"]

        def change(definition: Definition) -> None:
            _validator(definition, validator_id)
            if user := definition.method_with("requestValidatorId", validator_id):
                raise ConflictException(
                    f"Cannot delete request validator '{validator_id}', is referenced in method request:"
                    f" {user}"
                )
            del definition.validators[validator_id]

        await self.records.edit(context.scope, request["restApiId"], change, _missing())
