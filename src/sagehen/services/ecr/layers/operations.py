"""Operations on layers: which there are, their download, their upload in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.images.digests import is_digest
from sagehen.images.media_types import DEFAULT_LAYER
from sagehen.services.ecr.access.tokens import Tokens
from sagehen.services.ecr.errors import (
    InvalidLayerException,
    InvalidLayerPartException,
    InvalidParameterException,
    LayerAlreadyExistsException,
    LayersNotFoundException,
)
from sagehen.services.ecr.layers.uploading import Uploads
from sagehen.services.ecr.repositories.finding import on_repository, require, scope_of
from sagehen.services.ecr.repositories.records import Records

# Documented: InitiateLayerUpload's example.
_PART_BYTES = 10_485_760
# From memory: AWS's URLs of layers hold for an hour.
_URL_S = 3600


class Layers:
    """Operations on layers."""

    def __init__(self, records: Records, uploads: Uploads, tokens: Tokens) -> None:
        self._records = records
        self._uploads = uploads
        self._tokens = tokens

    @operation("BatchCheckLayerAvailability", access=on_repository)
    async def batch_check_layer_availability(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Say which layers the repository has. Raises RepositoryNotFoundException."""
        scope, name = scope_of(context, request), request["repositoryName"]
        require(self._records, scope, name)
        layers, failures, there = [], [], []
        for digest in request["layerDigests"]:
            if not is_digest(digest):
                reason = "Layer digest is invalid"
                failures.append(
                    {"layerDigest": digest, "failureCode": "InvalidLayerDigest", "failureReason": reason}
                )
                continue
            size = self._uploads.layer(scope, name, digest)
            if size is None:
                layers.append({"layerDigest": digest, "layerAvailability": "UNAVAILABLE"})
                continue
            there.append(digest)
            layers.append(
                {
                    "layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size,
                    "mediaType": DEFAULT_LAYER,
                }
            )  # fmt: skip
        await self._uploads.announce(scope, name, there)
        return {"layers": layers, "failures": failures}

    @operation("GetDownloadUrlForLayer", access=on_repository)
    async def get_download_url_for_layer(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a URL that gives a layer to whoever has it, for an hour.

        Raises:
            RepositoryNotFoundException, LayersNotFoundException.
        """
        scope, name, digest = scope_of(context, request), request["repositoryName"], request["layerDigest"]
        require(self._records, scope, name)
        if not is_digest(digest) or self._uploads.layer(scope, name, digest) is None:
            raise LayersNotFoundException(
                f"The layer with digest '{digest}' does not exist within the repository with name '{name}' "
                f"in the registry with id '{scope.account_id}'"
            )
        query = await self._tokens.url_query(scope, name, digest, _URL_S)
        url = f"{'https' if context.secure else 'http'}://{context.host}/v2/{name}/blobs/{digest}?{query}"
        return {"downloadUrl": url, "layerDigest": digest}

    @operation("InitiateLayerUpload", access=on_repository)
    async def initiate_layer_upload(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Begin an upload. Raises RepositoryNotFoundException, LimitExceededException."""
        upload = await self._uploads.begin(scope_of(context, request), request["repositoryName"])
        return {"uploadId": upload, "partSize": _PART_BYTES}

    @operation("UploadLayerPart", access=on_repository)
    async def upload_layer_part(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Add the next part.

        Raises:
            RepositoryNotFoundException, UploadNotFoundException, InvalidLayerPartException.
        """
        scope, name, upload = scope_of(context, request), request["repositoryName"], request["uploadId"]
        first, last, part = request["partFirstByte"], request["partLastByte"], request["layerPartBlob"]
        if last - first + 1 != len(part):
            raise InvalidLayerPartException(
                f"The layer part has {len(part)} bytes, and not those from {first} to {last}"
            )

        async def chunks() -> AsyncIterator[bytes]:
            yield part

        size = await self._uploads.append(scope, name, upload, first, chunks())
        return {
            "registryId": scope.account_id, "repositoryName": name, "uploadId": upload,
            "lastByteReceived": size - 1,
        }  # fmt: skip

    @operation("CompleteLayerUpload", access=on_repository)
    async def complete_layer_upload(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make an upload a layer.

        Raises:
            RepositoryNotFoundException, UploadNotFoundException, EmptyUploadException.
            InvalidLayerException, LayerAlreadyExistsException, InvalidParameterException.
        """
        scope, name, upload = scope_of(context, request), request["repositoryName"], request["uploadId"]
        digests = [digest for digest in request["layerDigests"] if digest.startswith("sha256:")]
        if len(digests) != 1:
            raise InvalidParameterException(
                "Invalid parameter at 'layerDigests' failed to satisfy constraint: 'one SHA-256 digest'"
            )
        digest = digests[0].lower()
        if not is_digest(digest):
            raise InvalidLayerException(f"Layer digest '{digests[0]}' is invalid")
        there = self._uploads.layer(scope, name, digest) is not None
        await self._uploads.complete(scope, name, upload, digest)
        if there:
            raise LayerAlreadyExistsException(
                f"Layer with digest '{digest}' already exists in the repository with name '{name}' in "
                f"registry with id '{scope.account_id}'"
            )
        return {
            "registryId": scope.account_id, "repositoryName": name, "uploadId": upload, "layerDigest": digest,
        }  # fmt: skip
