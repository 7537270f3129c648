"""Documentation versions: copies of all parts, to be published with a stage."""

from __future__ import annotations

import copy
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.effects import field
from sagehen.services.apigateway.documents.listing import page, shown
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records, read_definition, store_definition
from sagehen.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    no_such_stage,
    no_such_version,
)
from sagehen.services.apigateway.stages.records import put_stage, read_stage, read_stages
from sagehen.store.database import Transaction

_COLLECTION = "/restapis/{restApiId}/documentation/versions"
_ONE = _COLLECTION + "/{documentationVersion}"
PATCHES = PatchTable(Row("/description", REPLACE, field("description")), refusals="paths")


def _by_version(document: Document) -> Any:
    return document["version"]


def _shown(document: Document) -> Document:
    return shown({name: value for name, value in document.items() if name != "parts"})


class DocumentationVersions:
    """The operations on documentation versions."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self.records = records
        self._clock = clock

    @operation("CreateDocumentationVersion", access=via("POST", _COLLECTION))
    async def create_documentation_version(self, context: RequestContext, request: Request) -> Document:
        """Copy today's parts under a name, and attach it to a stage if one is named.

        Raises:
            BadRequestException: No name. ConflictException: It is taken. NotFoundException.
        """
        name = request["documentationVersion"]
        if not name:
            raise BadRequestException("Documentation version must be non-empty")
        version: Document = {"version": name, "createdDate": int(self._clock.now().timestamp())}
        if request.get("description"):
            version["description"] = request["description"]

        def run(tx: Transaction) -> None:
            definition = read_definition(tx, context.scope, request["restApiId"])
            if name in definition.documentation_versions:
                raise ConflictException("Documentation version already exists for specified API: " + name)
            definition.documentation_versions[name] = {
                **version,
                # Parts that are changed later do not change what was published.
                "parts": copy.deepcopy(list(definition.documentation_parts.values())),
            }
            store_definition(tx, definition)
            # Documented: CreateDocumentationVersion, stageName.
            if stage_name := request.get("stageName"):
                stage = read_stage(tx, definition.id, stage_name)
                if stage is None:
                    raise no_such_stage()
                put_stage(tx, definition.id, {**stage, "documentationVersion": name})

        await self.records.write(run)
        return shown(version)

    @operation("GetDocumentationVersion", access=via("GET", _ONE))
    async def get_documentation_version(self, context: RequestContext, request: Request) -> Document:
        definition = self.records.definition(context.scope, request["restApiId"], no_such_version())
        return _shown(_version(definition, request))

    @operation("GetDocumentationVersions", access=via("GET", _COLLECTION))
    async def get_documentation_versions(self, context: RequestContext, request: Request) -> dict[str, Any]:
        definition = self.records.definition(context.scope, request["restApiId"])
        versions = sorted(
            (
                {name: value for name, value in version.items() if name != "parts"}
                for version in definition.documentation_versions.values()
            ),
            key=_by_version,
        )
        return page(versions, request, _by_version, f"documentation-versions/{definition.id}")

    @operation("UpdateDocumentationVersion", access=via("PATCH", _ONE))
    async def update_documentation_version(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            version = _version(definition, request)
            PATCHES.apply(version, request.get("patchOperations"))
            return version

        return _shown(await self.records.edit(context.scope, request["restApiId"], change, no_such_version()))

    @operation("DeleteDocumentationVersion", access=via("DELETE", _ONE))
    async def delete_documentation_version(self, context: RequestContext, request: Request) -> None:
        """Forget a version.

        Raises:
            NotFoundException, BadRequestException: A stage is published with it.
        """

        def run(tx: Transaction) -> None:
            definition = read_definition(tx, context.scope, request["restApiId"])
            name = _version(definition, request)["version"]
            for stage in read_stages(tx, definition.id):
                if stage.get("documentationVersion") == name:
                    raise BadRequestException(
                        f"Documentation version {name} is still attached to stage {stage['stageName']}"
                    )
            del definition.documentation_versions[name]
            store_definition(tx, definition)

        await self.records.write(run)


def _version(definition: Definition, request: Request) -> Document:
    version: Document | None = definition.documentation_versions.get(request["documentationVersion"])
    if version is None:
        raise no_such_version()
    return version
