"""Documentation parts: what is said of one thing of an API, as a JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documentation.location import checked_location, place
from sagehen.services.apigateway.documents.definition import Definition, Document, new_id
from sagehen.services.apigateway.documents.effects import field
from sagehen.services.apigateway.documents.listing import by_id, page
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException, ConflictException, NotFoundException

EXTENSION = "x-amazon-apigateway-documentation"
COLLECTION = "/restapis/{restApiId}/documentation/parts"
_ONE = COLLECTION + "/{documentationPartId}"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: parts of one API.
_MAX_PARTS = 2000

PATCHES = PatchTable(Row("/properties", REPLACE, field("properties")), refusals="paths")


def no_such_part() -> NotFoundException:
    """Return AWS's answer to an unknown part, or to any part of an unknown API."""
    return NotFoundException("Invalid Documentation part identifier specified")


def check_properties(text: Any) -> str:
    """Return the properties of a part, which are a JSON object as text.

    Raises:
        BadRequestException.
    """
    if not isinstance(text, str) or not text.strip():
        raise BadRequestException("Documentation part properties must be non-empty")
    try:
        parsed = read_json(text)
    except NotJson:
        raise BadRequestException("Documentation part properties must be valid JSON") from None
    if not isinstance(parsed, dict):
        raise BadRequestException("Documentation part properties must be a JSON object")
    return text


def lay_parts(definition: Definition, described: Any, ids: Ids) -> list[str]:
    """Put the parts of an OpenAPI document's extension into a definition; return their ids.

    A part of the same place is replaced, and keeps its id.

    Raises:
        BadRequestException.
    """
    listed = described.get("documentationParts") if isinstance(described, dict) else None
    known = {place(part["location"]): part["id"] for part in definition.documentation_parts.values()}
    laid = []
    for one in listed or ():
        if not isinstance(one, dict):
            raise BadRequestException("Invalid documentation part specified")
        location = checked_location(one.get("location"))
        properties = one.get("properties")
        text = properties if isinstance(properties, str) else json.dumps(properties)
        part_id = known.get(place(location)) or new_id(ids)
        definition.documentation_parts[part_id] = {
            "id": part_id,
            "location": location,
            "properties": check_properties(text),
        }
        known[place(location)] = part_id
        laid.append(part_id)
    if len(definition.documentation_parts) > _MAX_PARTS:
        raise BadRequestException(f"An API may have {_MAX_PARTS} documentation parts.")
    return laid


class DocumentationParts:
    """The operations on documentation parts. Importing them is in `openapi/documentation.py`."""

    def __init__(self, records: Records, ids: Ids) -> None:
        self.records = records
        self._ids = ids

    @operation("CreateDocumentationPart", access=via("POST", COLLECTION))
    async def create_documentation_part(self, context: RequestContext, request: Request) -> Document:
        """Add a part.

        Raises:
            BadRequestException, NotFoundException, ConflictException: There is one of that place.
        """

        def change(definition: Definition) -> Document:
            location = checked_location(request["location"])
            properties = check_properties(request["properties"])
            parts = definition.documentation_parts
            if any(place(part["location"]) == place(location) for part in parts.values()):
                raise ConflictException("Documentation part already exists for the specified location")
            if len(parts) >= _MAX_PARTS:
                raise BadRequestException(f"An API may have {_MAX_PARTS} documentation parts.")
            part: Document = {"id": new_id(self._ids), "location": location, "properties": properties}
            parts[part["id"]] = part
            return part

        return await self.records.edit(context.scope, request["restApiId"], change)

    @operation("GetDocumentationPart", access=via("GET", _ONE))
    async def get_documentation_part(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], no_such_part())
        return _part(definition, request)

    @operation("GetDocumentationParts", access=via("GET", COLLECTION))
    async def get_documentation_parts(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("locationStatus") == "UNDOCUMENTED":
            raise NotImplementedOperation(
                "GetDocumentationParts locationStatus UNDOCUMENTED is not implemented."
            )
        definition = self.records.definition(context.scope, request["restApiId"])
        wanted: tuple[tuple[str, Callable[[Document], Any]], ...] = (
            ("type", lambda location: location["type"]),
            ("path", lambda location: location.get("path")),
        )
        parts = [
            part
            for part in definition.documentation_parts.values()
            if all(request.get(name) in (None, read(part["location"])) for name, read in wanted)
            and (request.get("nameQuery") or "") in part["location"].get("name", "")
        ]
        return page(sorted(parts, key=by_id), request, by_id, f"documentation/{definition.id}")

    @operation("UpdateDocumentationPart", access=via("PATCH", _ONE))
    async def update_documentation_part(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            part = _part(definition, request)
            PATCHES.apply(part, request.get("patchOperations"))
            check_properties(part.get("properties"))
            return part

        return await self.records.edit(context.scope, request["restApiId"], change, no_such_part())

    @operation("DeleteDocumentationPart", access=via("DELETE", _ONE))
    async def delete_documentation_part(self, context: RequestContext, request: Request) -> None:
        def change(definition: Definition) -> None:
            del definition.documentation_parts[_part(definition, request)["id"]]

        # Of an unknown API this operation speaks, the others of an unknown part (recorded).
        await self.records.edit(context.scope, request["restApiId"], change)


def _part(definition: Definition, request: Request) -> Document:
    part: Document | None = definition.documentation_parts.get(request["documentationPartId"])
    if part is None:
        raise no_such_part()
    return part
