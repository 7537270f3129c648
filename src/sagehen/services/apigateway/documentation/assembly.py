"""The operations of this room, made of what they need."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.documentation.parts import DocumentationParts
from sagehen.services.apigateway.documentation.versions import DocumentationVersions
from sagehen.services.apigateway.documents.records import Records


def parts_and_versions(records: Records, clock: Clock, ids: Ids) -> tuple[object, ...]:
    """Make the operations on documentation; importing it is `openapi`'s."""
    return (DocumentationParts(records, ids), DocumentationVersions(records, clock))
