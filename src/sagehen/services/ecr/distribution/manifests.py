"""Manifests, tags and referrers by the protocol."""

from __future__ import annotations

import asyncio

import orjson

from sagehen.domain.scope import Scope
from sagehen.images.digests import is_digest
from sagehen.images.manifests import MAX_BYTES
from sagehen.images.media_types import OCI_INDEX
from sagehen.services.ecr.distribution.failures import HEADERS, Failure
from sagehen.services.ecr.distribution.messages import RegistryAnswer, RegistryRequest
from sagehen.services.ecr.distribution.pages import next_link, page_size
from sagehen.services.ecr.errors import no_such_image
from sagehen.services.ecr.images.keeping import Keeper
from sagehen.services.ecr.repositories.finding import require
from sagehen.services.ecr.repositories.records import Image, Records

# Ours: of an answer that has no pages.
_MOST_REFERRERS = 1_000


class Manifests:
    """What the protocol does with manifests; raises `Failure`, and ECR's errors."""

    def __init__(self, records: Records, keeper: Keeper) -> None:
        self._records = records
        self._keeper = keeper

    async def get(self, scope: Scope, name: str, reference: str, *, head: bool) -> RegistryAnswer:
        """Send a manifest, or tell of it."""
        image = self._find(scope, name, reference)
        body = (
            self._records.manifest(scope, name, image.digest)
            if head
            else await self._keeper.pulled(scope, name, image)
        )
        if body is None:
            raise no_such_image(scope, name, image.digest, None)
        headers = {
            **HEADERS, "Content-Type": image.media_type, "Docker-Content-Digest": image.digest,
            "ETag": f'"{image.digest}"',
        }  # fmt: skip
        if head:
            return RegistryAnswer(200, {**headers, "Content-Length": str(len(body))})
        return RegistryAnswer(200, headers, body)

    async def put(self, scope: Scope, name: str, reference: str, request: RegistryRequest) -> RegistryAnswer:
        """Store a manifest under a tag, or under its digest."""
        require(self._records, scope, name)
        length = request.body.length
        if length is not None and length > MAX_BYTES:
            raise Failure(413, "MANIFEST_INVALID", f"A manifest has {MAX_BYTES} bytes at most.")
        body = await request.body.read(MAX_BYTES)
        digest = reference if is_digest(reference) else None
        if digest is None and ":" in reference:
            raise Failure(400, "DIGEST_INVALID", f"{reference[:100]!r} is no SHA-256 digest.")
        tag = None if digest else reference
        media_type = request.headers.get("content-type")
        image = await self._keeper.put(scope, name, body, media_type, tag, digest, again=True)
        headers = {
            **HEADERS, "Location": f"/v2/{name}/manifests/{image.digest}",
            "Docker-Content-Digest": image.digest,
        }  # fmt: skip
        if image.subject is not None:  # who asks for it then needs no tag that stands for the list
            headers["OCI-Subject"] = image.subject
        return RegistryAnswer(201, headers)

    async def delete(self, scope: Scope, name: str, reference: str) -> RegistryAnswer:
        """Delete a tag, or an image with all of its tags."""
        image = self._find(scope, name, reference)
        tag = None if is_digest(reference) else reference
        if indexes := await self._keeper.remove(scope, name, image, tag):
            raise Failure(
                409, "DENIED", f"Requested image referenced by manifest list: [{', '.join(indexes[:10])}]"
            )
        return RegistryAnswer(202, dict(HEADERS))

    def tags(self, scope: Scope, name: str, query: dict[str, str]) -> RegistryAnswer:
        """List tags, a page at a time."""
        require(self._records, scope, name)
        size = page_size(query)
        found = self._records.tags(scope, name, query.get("last", ""), size + 1)
        headers = {**HEADERS, "Content-Type": "application/json"}
        if len(found) > size:
            found = found[:size]
            headers["Link"] = next_link(f"/v2/{name}/tags/list", size, found[-1])
        return RegistryAnswer(200, headers, orjson.dumps({"name": name, "tags": found}))

    async def referrers(
        self, scope: Scope, name: str, reference: str, query: dict[str, str]
    ) -> RegistryAnswer:
        """List the manifests that say something about one; none where that is not there."""
        require(self._records, scope, name)
        if not is_digest(reference):
            raise Failure(400, "DIGEST_INVALID", f"{reference[:100]!r} is no SHA-256 digest.")
        images = await asyncio.to_thread(self._records.images, scope, name)
        found = [image for image in images if image.subject == reference]
        headers = {**HEADERS, "Content-Type": OCI_INDEX}
        if kind := query.get("artifactType"):
            found = [image for image in found if image.artifact_type == kind]
            headers["OCI-Filters-Applied"] = "artifactType"
        # In a thread: each may have 4 MB.
        sizes = await asyncio.to_thread(
            lambda: [
                len(self._records.manifest(scope, name, image.digest) or b"")
                for image in found[:_MOST_REFERRERS]
            ]
        )
        entries = [
            {
                "mediaType": image.media_type, "digest": image.digest, "size": size,
                "artifactType": image.artifact_type,
            }
            for image, size in zip(found, sizes, strict=False)
        ]  # fmt: skip
        body = orjson.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
        return RegistryAnswer(200, headers, body)

    def _find(self, scope: Scope, name: str, reference: str) -> Image:
        require(self._records, scope, name)
        digest = reference if is_digest(reference) else None
        image = self._keeper.find(scope, name, digest, None if digest else reference)
        if image is None:
            raise no_such_image(scope, name, digest, None if digest else reference)
        return image
