"""Resources: the tree of paths."""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import ROOT_PATH, Definition, Document, new_id
from sagehen.services.apigateway.documents.effects import field
from sagehen.services.apigateway.documents.listing import page
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    LimitExceededException,
    no_such_resource,
)

# Documented: Quotas for configuring and running a REST API. The words of the refusal are from memory.
MAX_RESOURCES = 300
# Recorded: the refusal of other names says which characters may stand there.
_PATH_PART = re.compile(r"\{[a-zA-Z0-9._:-]+\+?\}|[a-zA-Z0-9._:-]+")

PATCHES = PatchTable(
    Row("/parentId", REPLACE, field("parentId")),
    Row("/pathPart", REPLACE, field("pathPart")),
    refusals="paths",
)


def resource(document: Document, *, methods: bool = False) -> Document:
    """Return the Resource structure; methods are bare keys unless they were asked for."""
    answer = {key: value for key, value in document.items() if key != "resourceMethods"}
    if document["resourceMethods"]:
        answer["resourceMethods"] = {
            verb: method if methods else {} for verb, method in document["resourceMethods"].items()
        }
    return answer


def add_resource(definition: Definition, resource_id: str, parent: Document, path_part: str) -> Document:
    """Put a resource into the tree.

    Raises:
        BadRequestException, ConflictException, LimitExceededException
    """
    if len(definition.resources) >= MAX_RESOURCES:
        raise LimitExceededException(f"Maximum number of resources for this API is {MAX_RESOURCES}")
    document: Document = {"id": resource_id, "parentId": parent["id"], "resourceMethods": {}}
    definition.resources[resource_id] = document
    place(definition, document, parent, path_part)
    return document


def place(definition: Definition, document: Document, parent: Document, path_part: str) -> None:
    """Give a resource its parent and path part, and everything under it its path.

    Raises:
        BadRequestException: The name or the place is not allowed.
        ConflictException: A sibling has the name.
    """
    if not _PATH_PART.fullmatch(path_part):
        raise BadRequestException(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly"
            " braces at the beginning and the end."
        )
    if parent.get("pathPart", "").endswith("+}"):
        raise BadRequestException(
            f"Cannot create a child of a resource with a greedy path variable: {parent['pathPart']}"
        )
    siblings = [child for child in definition.children(parent["id"]) if child["id"] != document["id"]]
    # The words of both refusals are recorded.
    for sibling in siblings:
        if sibling.get("pathPart") == path_part:
            raise ConflictException(
                f"Another resource with the same parent already has this name: {path_part}"
            )
        if path_part.startswith("{") and sibling.get("pathPart", "").startswith("{"):
            raise BadRequestException(
                f"A sibling ({sibling['pathPart']}) of this resource already has a variable path part"
                " -- only one is allowed"
            )
    document["parentId"], document["pathPart"] = parent["id"], path_part
    _settle_path(definition, document, parent["path"])


def _settle_path(definition: Definition, document: Document, parent_path: str) -> None:
    document["path"] = f"{'' if parent_path == ROOT_PATH else parent_path}/{document['pathPart']}"
    for child in definition.children(document["id"]):
        _settle_path(definition, child, document["path"])


class Resources:
    """The operations on resources."""

    def __init__(self, records: Records, ids: Ids) -> None:
        self.records = records
        self._ids = ids

    @operation("CreateResource", access=via("POST", "/restapis/{restApiId}/resources/{parentId}"))
    async def create_resource(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            parent = definition.resource(request["parentId"])
            return add_resource(definition, new_id(self._ids), parent, request["pathPart"])

        return resource(await self.records.edit(context.scope, request["restApiId"], change))

    @operation("GetResource", access=via("GET", "/restapis/{restApiId}/resources/{resourceId}"))
    async def get_resource(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], no_such_resource())
        found = definition.resource(request["resourceId"])
        return resource(found, methods="methods" in request.get("embed", ()))

    @operation("GetResources", access=via("GET", "/restapis/{restApiId}/resources"))
    async def get_resources(self, context: RequestContext, request: Request) -> dict[str, Any]:
        definition = self.records.definition(context.scope, request["restApiId"])
        methods = "methods" in request.get("embed", ())
        items = [resource(one, methods=methods) for one in definition.by_path().values()]
        return page(items, request, lambda one: one["path"], f"resources/{definition.id}")

    @operation("UpdateResource", access=via("PATCH", "/restapis/{restApiId}/resources/{resourceId}"))
    async def update_resource(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            document = definition.resource(request["resourceId"])
            wanted = dict(document)
            PATCHES.apply(wanted, request.get("patchOperations"))
            if document is definition.root:
                for member in ("pathPart", "parentId"):
                    if wanted.get(member) != document.get(member):
                        raise BadRequestException(f"Root resource cannot update its {member}.")
                return document
            parent = definition.resource(wanted.get("parentId", ""))
            _refuse_cycle(definition, document, parent)
            place(definition, document, parent, wanted.get("pathPart", ""))
            return document

        changed = await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())
        return resource(changed)

    @operation("DeleteResource", access=via("DELETE", "/restapis/{restApiId}/resources/{resourceId}"))
    async def delete_resource(self, context: RequestContext, request: Request) -> None:
        def change(definition: Definition) -> None:
            document = definition.resource(request["resourceId"])
            if document is definition.root:
                raise BadRequestException("Resource cannot be deleted: it is the root of the API")
            _delete(definition, document)

        await self.records.edit(context.scope, request["restApiId"], change, no_such_resource())


def _refuse_cycle(definition: Definition, document: Document, parent: Document) -> None:
    # Ends at the root: what is stored has no circle.
    ancestor: Document | None = parent
    while ancestor is not None:
        if ancestor["id"] == document["id"]:
            raise BadRequestException("Resources cannot be cyclical.")
        ancestor = definition.resources.get(ancestor.get("parentId", ""))


def _delete(definition: Definition, document: Document) -> None:
    for child in definition.children(document["id"]):
        _delete(definition, child)
    del definition.resources[document["id"]]
