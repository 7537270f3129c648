"""The operations of this room, made of what they need."""

from __future__ import annotations

from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.apigateway.definition.rest_apis import RestApis
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.openapi.documentation import DocumentationImport
from sagehen.services.apigateway.openapi.exports import Exports
from sagehen.services.apigateway.openapi.imports import Imports


def imports_and_exports(records: Records, ids: Ids, roles: Roles, rest_apis: RestApis) -> tuple[object, ...]:
    """Make the operations that read and write OpenAPI documents."""
    return (Imports(records, ids, roles, rest_apis), DocumentationImport(records, ids), Exports(records))
