"""Function code: UpdateFunctionCode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.lambda_.code.images import FunctionImages
from sagehen.services.lambda_.code.packages import Packages
from sagehen.services.lambda_.code.store import Package
from sagehen.services.lambda_.functions import images
from sagehen.services.lambda_.functions.changes import require_settled, updated
from sagehen.services.lambda_.functions.configuration import check_architectures
from sagehen.services.lambda_.functions.descriptions import Descriptions
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.functions.versions.publishing import Publishing
from sagehen.services.lambda_.layers.choice import check_layers
from sagehen.services.lambda_.names import LATEST, FunctionReference, on_function, reference_of

_SOURCE = (
    "ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri", "SourceKMSKeyArn", "S3ObjectStorageMode",
)  # fmt: skip


class FunctionCode:
    """UpdateFunctionCode.

    Args:
        drain: Ends a function's environments as they become idle.
    """

    def __init__(
        self,
        *,
        records: FunctionRecords,
        publishing: Publishing,
        descriptions: Descriptions,
        packages: Packages,
        images: FunctionImages,
        preparations: Preparations,
        clock: Clock,
        ids: Ids,
        drain: Callable[[FunctionReference], None],
    ) -> None:
        self._records = records
        self._publishing = publishing
        self._descriptions = descriptions
        self._packages = packages
        self._images = images
        self._preparations = preparations
        self._clock = clock
        self._ids = ids
        self._drain = drain

    @operation("UpdateFunctionCode", access=on_function())
    async def update_function_code(self, context: RequestContext, request: Request) -> Request:
        """Replace the code of `$LATEST`; with DryRun only check it, with Publish make a version of it.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException, RequestEntityTooLargeException, CodeStorageExceededException.
        """
        # A durable function's destination (model of 2026): it would have no effect here.
        if request.get("PublishTo"):
            raise NotImplementedOperation("UpdateFunctionCode PublishTo is not implemented.")
        check_architectures(request.get("Architectures"))
        reference = reference_of(context, request).qualified("")
        current = self._records.require_version(reference, LATEST)
        require_settled(current, request.get("RevisionId"))
        source = {name: request[name] for name in _SOURCE if request.get(name) is not None}
        package, image = await self._taken(context, current, source)

        def replaced(record: VersionRecord) -> dict[str, Any]:
            kept = {**record.configuration, **image}  # which may have changed meanwhile
            sizes = {"code_size": package.size, "unzipped_size": package.unzipped_size}
            return {"code_sha": package.sha, "configuration": kept, **sizes}

        # Documented: DryRun validates "without updating the function code"; what would be is shown.
        if request.get("DryRun"):
            return self._descriptions.shown(replace(current, **replaced(current)))

        def change(record: VersionRecord) -> VersionRecord:
            require_settled(record, request.get("RevisionId"))
            return updated(record, self._ids, self._clock.now(), **replaced(record))

        record, published = await self._publishing.replace_code(
            reference, change, publish=bool(request.get("Publish"))
        )
        for one in (record, published):
            if one is not None and not one.is_ready:
                self._preparations.begin(one)
        self._drain(reference)
        return self._descriptions.shown(published or record)

    async def _taken(
        self, context: RequestContext, current: VersionRecord, source: Request
    ) -> tuple[Package, dict[str, Any]]:
        """Return what is the function's code from now on, and what its configuration says of an image."""
        if current.is_image:
            image = await self._images.take(context, images.uri_of(source, "updating"))
            return Package(image.sha, 0, 0), {"Image": images.kept_image(image.uri, image.resolved)}
        images.require_none(source, "updating")
        package = await self._packages.take(context, source)
        # Code and layers are bounded together, whichever of the two changes (documented: Lambda quotas).
        check_layers(list(current.configuration.get("Layers", ())), package.unzipped_size)
        return package, {}
