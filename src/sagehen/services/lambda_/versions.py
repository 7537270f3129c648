"""Versions: what `$LATEST` was when it was published."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.services.lambda_.configuration import listed
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.names import LATEST, on_function, reference_of
from sagehen.services.lambda_.state import Resource

_PAGE = 50


class Versions(Resource):
    """PublishVersion, ListVersionsByFunction."""

    @operation("PublishVersion", access=on_function())
    async def publish_version(self, context: RequestContext, request: Request) -> Request:
        """Make a version, or return the last one where nothing has changed since.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException.
        """
        if request.get("PublishTo"):
            raise NotImplementedOperation("PublishVersion PublishTo is not implemented.")
        record = await self.state.publish(
            reference_of(context, request).qualified(""),
            description=request.get("Description"),
            code_sha=request.get("CodeSha256"),
            revision_id=request.get("RevisionId"),
        )
        return self.state.shown(record)

    @operation("ListVersionsByFunction", access=on_function())
    async def list_versions_by_function(self, context: RequestContext, request: Request) -> Request:
        reference = reference_of(context, request).qualified("")
        self.state.records.require_function(reference)
        page = paginate(
            self.state.records.versions(reference),
            key=lambda record: 0 if record.version == LATEST else int(record.version),
            token=request.get("Marker"),
            limit=request.get("MaxItems") or _PAGE,
            listing=f"versions {reference.name}",
            error=InvalidParameterValueException,
        )
        versions = [listed(record, qualified=True) for record in page.items]
        return {"Versions": versions, "NextMarker": page.next_token}
