"""Function code: UpdateFunctionCode."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.services.lambda_.functions.configuration import check_architectures, check_layers
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.functions.state import Resource, require_settled
from sagehen.services.lambda_.names import LATEST, on_function, reference_of

_SOURCE = (
    "ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri", "SourceKMSKeyArn", "S3ObjectStorageMode",
)  # fmt: skip


class FunctionCode(Resource):
    @operation("UpdateFunctionCode", access=on_function())
    async def update_function_code(self, context: RequestContext, request: Request) -> Request:
        """Replace the code of `$LATEST`; with DryRun only check it, with Publish make a version of it.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException, RequestEntityTooLargeException, CodeStorageExceededException.
        """
        state = self.state
        if request.get("PublishTo"):
            raise NotImplementedOperation("UpdateFunctionCode PublishTo is not implemented.")
        check_architectures(request.get("Architectures"))
        reference = reference_of(context, request).qualified("")
        current = state.records.require_version(reference, LATEST)
        require_settled(current, request.get("RevisionId"))
        source = {name: request[name] for name in _SOURCE if request.get(name) is not None}
        package = await state.packages.take(context, source)
        check_layers(list(current.configuration.get("Layers", ())), package.unzipped_size)
        code: dict[str, Any] = {
            "code_sha": package.sha,
            "code_size": package.size,
            "unzipped_size": package.unzipped_size,
        }
        if request.get("DryRun"):
            return state.shown(replace(current, **code))

        def change(record: VersionRecord) -> VersionRecord:
            require_settled(record, request.get("RevisionId"))
            return state.updated(record, **code)

        record, published = await state.replace_code(reference, change, publish=bool(request.get("Publish")))
        for one in (record, published):
            if one is not None and not one.is_ready:
                state.preparations.begin(one)
        state.dispatch.drain(reference)
        return state.shown(published or record)
