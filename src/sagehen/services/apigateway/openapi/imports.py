"""ImportRestApi and PutRestApi: APIs from OpenAPI documents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.streams import whole_body
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.credentials import check_credentials
from sagehen.services.apigateway.definition.rest_apis import RestApis
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException, concurrent_change
from sagehen.services.apigateway.openapi.reader import OpenApiReader
from sagehen.services.apigateway.openapi.text import MAX_BYTES, parse_openapi

# Documented: Set the OpenAPI basePath property.
_BASE_PATHS = ("ignore", "prepend", "split")


class Imports:
    """The operations that import OpenAPI documents."""

    def __init__(self, records: Records, ids: Ids, roles: Roles, rest_apis: RestApis) -> None:
        self.records = records
        self._ids = ids
        self._roles = roles
        self._rest_apis = rest_apis

    @operation("ImportRestApi", access=via("POST", "/restapis"))
    async def import_rest_api(self, context: RequestContext, request: Request) -> Document:
        document = await self._document(request)
        parameters = request.get("parameters") or {}
        # The document's title takes its place, or the import is refused.
        blank: Request = {"name": "imported"}
        if types := parameters.get("endpointConfigurationTypes"):
            blank["endpointConfiguration"] = {"types": types.split(",")}
        definition = self._rest_apis.new_definition(context, blank)
        definition.models.clear()  # an imported API has the models of its document alone
        warnings = await self._lay(context, request, document, definition)
        if (document.get("info") or {}).get("title") is None:
            raise BadRequestException("Invalid OpenAPI input: info.title is required")
        await self.records.insert(definition)
        return {**self._rest_apis.shown(definition.settings), "warnings": warnings or None}

    @operation("PutRestApi", access=via("PUT", "/restapis/{restApiId}"))
    async def put_rest_api(self, context: RequestContext, request: Request) -> Document:
        document = await self._document(request)
        before = self.records.definition(context.scope, request["restApiId"])
        definition = await asyncio.to_thread(before.copied)
        if request.get("mode", "merge") == "overwrite":
            _clear(definition)
        warnings = await self._lay(context, request, document, definition)
        if not await self.records.swap(before, definition):
            raise concurrent_change()
        return {**self._rest_apis.shown(definition.settings), "warnings": warnings or None}

    async def _document(self, request: Request) -> Document:
        body = await whole_body(request["body"], MAX_BYTES)
        return await asyncio.to_thread(parse_openapi, body)

    async def _lay(
        self, context: RequestContext, request: Request, document: Document, definition: Definition
    ) -> list[str]:
        """Lay the document over the definition and return its warnings."""
        parameters = request.get("parameters") or {}
        base_path = parameters.get("basepath", "ignore")
        if base_path not in _BASE_PATHS:
            raise BadRequestException(
                f"Invalid basepath specified. Valid options are {','.join(_BASE_PATHS)}"
            )
        try:
            reader = OpenApiReader(document, definition, self._ids, base_path)
            await asyncio.to_thread(reader.read)  # a large document takes a while
        except (AttributeError, TypeError, ValueError, LookupError, OverflowError, RecursionError) as error:
            # A member of another type than OpenAPI says: which one, only its author can tell.
            raise BadRequestException(f"Invalid OpenAPI input: {error}") from error
        for role in sorted(set(_roles(definition))):
            check_credentials(self._roles, context.principal, role, context.condition_keys())
        if reader.policy is not None:
            definition.settings["policy"] = self._rest_apis.stored_policy(
                context.scope, definition.id, reader.policy
            )
        if reader.warnings and request.get("failOnWarnings"):
            raise BadRequestException("Warnings found during import:\n\t" + "\n\t".join(reader.warnings))
        return reader.warnings


def _clear(definition: Definition) -> None:
    """Empty an API for an import that overwrites it; it keeps its id and its root's."""
    root = definition.root
    root["resourceMethods"] = {}
    definition.resources.clear()
    definition.resources[root["id"]] = root
    for part in (
        definition.models,
        definition.validators,
        definition.authorizers,
        definition.gateway_responses,
        definition.documentation_parts,
    ):
        part.clear()
    # What an API keeps is its id, its creation, its endpoint and its tags (from memory).
    for member in ("description", "version", "binaryMediaTypes", "minimumCompressionSize", "policy"):
        definition.settings.pop(member, None)
    definition.settings["apiKeySource"] = "HEADER"


def _roles(definition: Definition) -> Iterator[str]:
    for _, method in definition.methods():
        if credentials := method.get("methodIntegration", {}).get("credentials"):
            yield credentials
    for authorizer in definition.authorizers.values():
        if credentials := authorizer.get("authorizerCredentials"):
            yield credentials
