"""ImportDocumentationParts: documentation out of an OpenAPI document's extension."""

from __future__ import annotations

import asyncio

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.streams import whole_body
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documentation.parts import COLLECTION, EXTENSION, lay_parts
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.openapi.text import MAX_BYTES, parse_openapi


class DocumentationImport:
    """The operation that imports documentation parts."""

    def __init__(self, records: Records, ids: Ids) -> None:
        self.records = records
        self._ids = ids

    @operation("ImportDocumentationParts", access=via("PUT", COLLECTION))
    async def import_documentation_parts(self, context: RequestContext, request: Request) -> Document:
        """Take the parts of an OpenAPI document's extension over.

        Raises:
            BadRequestException: No document, or a part that is none: then none is taken.
        """
        body = await whole_body(request["body"], MAX_BYTES)
        document = await asyncio.to_thread(parse_openapi, body)

        def change(definition: Definition) -> Document:
            if request.get("mode", "merge") == "overwrite":
                definition.documentation_parts.clear()
            return {"ids": lay_parts(definition, document.get(EXTENSION), self._ids)}

        return await self.records.edit(context.scope, request["restApiId"], change)
