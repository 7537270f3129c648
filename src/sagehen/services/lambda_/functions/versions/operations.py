"""Versions: what `$LATEST` was when it was published."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions.descriptions import Descriptions, listed
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.versions.publishing import Publishing
from sagehen.services.lambda_.names import number_of, on_function, reference_of

# Documented: botocore's model, "a maximum of 50 items in each response, even if you set the number higher".
_PAGE = 50


class Versions:
    """PublishVersion, ListVersionsByFunction."""

    def __init__(self, records: FunctionRecords, publishing: Publishing, descriptions: Descriptions) -> None:
        self._records = records
        self._publishing = publishing
        self._descriptions = descriptions

    @operation("PublishVersion", access=on_function())
    async def publish_version(self, context: RequestContext, request: Request) -> Request:
        """Make a version, or return the last one where nothing has changed since.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException.
        """
        if request.get("PublishTo"):
            raise NotImplementedOperation("PublishVersion PublishTo is not implemented.")
        record = await self._publishing.publish(
            reference_of(context, request).qualified(""),
            description=request.get("Description"),
            code_sha=request.get("CodeSha256"),
            revision_id=request.get("RevisionId"),
        )
        return self._descriptions.shown(record)

    @operation("ListVersionsByFunction", access=on_function())
    async def list_versions_by_function(self, context: RequestContext, request: Request) -> Request:
        """List `$LATEST` and then the versions by number."""
        reference = reference_of(context, request).qualified("")
        self._records.require_function(reference)
        listing, limit = f"versions {reference.name}", min(request.get("MaxItems") or _PAGE, _PAGE)
        after = sought(request.get("Marker"), (int,), listing=listing, error=InvalidParameterValueException)
        found, whole = self._records.version_page(
            reference.scope,
            every=True,
            after=None if after is None else (reference.name, after[0]),
            limit=limit + 1,
            function=reference.name,
        )
        page = page_read(found, whole, limit, key=lambda record: number_of(record.version), listing=listing)
        versions = [listed(record, qualified=True) for record in page.items]
        return {"Versions": versions, "NextMarker": page.next_token}
