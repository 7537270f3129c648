"""Keeper: images of repositories, as the API and the registry's own protocol put, find and delete them."""

from __future__ import annotations

import asyncio
import re

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.images.contents import ContentStore
from sagehen.images.digests import digest_of
from sagehen.images.manifests import Manifest, UnusableManifest, read_manifest
from sagehen.services.ecr.errors import (
    ImageAlreadyExistsException,
    ImageDigestDoesNotMatchException,
    ImageTagAlreadyExistsException,
    InvalidParameterException,
    LayersNotFoundException,
    LimitExceededException,
    ReferencedImagesNotFoundException,
    no_such_repository,
)
from sagehen.services.ecr.repositories.records import Image, Records, Writing

# OCI distribution specification 1.1, "Pulling manifests"; ECR's model allows more characters, Docker none.
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
# Documented: Amazon ECR quotas, images per repository and tags per image.
_MOST_IMAGES = 100_000
_MOST_TAGS = 1_000
# Above, a manifest takes some ms to read: in a thread.
_LARGE_BYTES = 64 * 1024
# Layers that lie elsewhere, and are not pushed.
_ELSEWHERE = ("foreign", "nondistributable")


class Keeper:
    """Keeps images.

    Args:
        contents: Where layers lie.
        clock: Dates pushes and pulls.
    """

    def __init__(self, records: Records, contents: ContentStore, clock: Clock) -> None:
        self._records = records
        self._contents = contents
        self._clock = clock

    async def put(
        self,
        scope: Scope,
        repository: str,
        body: bytes,
        media_type: str | None,
        tag: str | None,
        digest: str | None = None,
        *,
        again: bool = False,
    ) -> Image:
        """Store a manifest, give it a tag, or both.

        Args:
            digest: What its bytes must have.
            again: Whether an image that is there already with this tag is no fault.

        Raises:
            RepositoryNotFoundException, InvalidParameterException, LimitExceededException.
            LayersNotFoundException, ReferencedImagesNotFoundException.
            ImageAlreadyExistsException, ImageTagAlreadyExistsException, ImageDigestDoesNotMatchException.
        """
        manifest = await _read(body, media_type)
        found = digest_of(body)
        if digest is not None and digest != found:
            raise ImageDigestDoesNotMatchException(
                f"Image digest '{digest}' does not match the digest of the manifest, '{found}'"
            )
        if tag is not None and not TAG.fullmatch(tag):
            raise InvalidParameterException(
                "Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy regular "
                "expression '[a-zA-Z0-9-_.]+''"
            )
        now = self._clock.now().timestamp()
        refers_to = tuple(dict.fromkeys(each.digest for each in (*manifest.blobs, *manifest.manifests)))
        image = Image(
            found, manifest.media_type, manifest.artifact_type, manifest.subject, manifest.size, now, None,
            refers_to, (tag,) if tag else (),
        )  # fmt: skip

        def work(writing: Writing) -> None:
            _put(writing, scope, repository, image, manifest, body, tag, again=again)

        await self._records.change(work)
        return image

    def find(self, scope: Scope, repository: str, digest: str | None, tag: str | None) -> Image | None:
        """Return an image by its digest, its tag, or both where they agree."""
        return self._records.image(scope, repository, digest, tag)

    async def remove(self, scope: Scope, repository: str, image: Image, tag: str | None) -> list[str]:
        """Delete a tag, and with the last one, or without any, the image.

        Returns:
            The digests of indexes for the sake of which the image stays; of none it is deleted.
        """

        def work(writing: Writing) -> tuple[list[str], set[str]]:
            tags = set(image.tags)
            if tag is not None:
                tags.discard(tag)
                if tags:
                    writing.remove_tag(scope, repository, tag)
                    return [], set()
            if indexes := writing.indexes_of(scope, repository, image.digest):
                return indexes, set()
            return [], writing.remove_image(scope, repository, image)

        async with self._contents.naming:
            indexes, unwanted = await self._records.change(work)
            await self._contents.remove(unwanted)
        return indexes

    async def pulled(self, scope: Scope, repository: str, image: Image) -> bytes | None:
        """Return the manifest of an image, and note that it was pulled."""
        now = self._clock.now().timestamp()
        # Documented: lastRecordedPullTime may be up to 24 hours late; once an hour spares writes.
        if image.pulled_at is None or now - image.pulled_at > 3600:
            await self._records.change(lambda writing: writing.pulled(scope, repository, image.digest, now))
        return self._records.manifest(scope, repository, image.digest)


async def _read(body: bytes, media_type: str | None) -> Manifest:
    try:
        if len(body) > _LARGE_BYTES:
            return await asyncio.to_thread(read_manifest, body, media_type)
        return read_manifest(body, media_type)
    except UnusableManifest as error:
        raise InvalidParameterException(
            f"Invalid parameter at 'ImageManifest' failed to satisfy constraint: '{error}'"
        ) from None


def _put(
    writing: Writing, scope: Scope, repository: str, image: Image, manifest: Manifest, body: bytes,
    tag: str | None, *, again: bool,
) -> None:  # fmt: skip
    """Store an image within a transaction; raises as `Keeper.put`."""
    found = writing.repository(scope, repository)
    if found is None:
        raise no_such_repository(scope, repository)
    where = f"repository with name '{repository}' in the registry with id '{scope.account_id}'"
    needed = [
        each.digest for each in manifest.blobs if not any(kind in each.media_type for kind in _ELSEWHERE)
    ]
    missing = [each for each in needed if not writing.has_layer(scope, repository, each)]
    if missing:
        raise LayersNotFoundException(
            f"Layers with digests '[{', '.join(missing[:10])}]' required for pushing image into {where} do "
            "not exist"
        )
    absent = [e.digest for e in manifest.manifests if not writing.has_image(scope, repository, e.digest)]
    if absent:
        raise ReferencedImagesNotFoundException(
            f"Images with digests '[{', '.join(absent[:10])}]' required for pushing image into {where} do "
            "not exist"
        )
    there = writing.has_image(scope, repository, image.digest)
    tagged = None if tag is None else writing.tagged(scope, repository, tag)
    if there and (tag is None or tagged == image.digest):
        if again:
            return
        raise ImageAlreadyExistsException(
            f"Image with digest '{image.digest}' and tag '{tag or 'null'}' already exists in the {where}"
        )
    if tag is not None and tagged is not None and found.is_immutable(tag):
        raise ImageTagAlreadyExistsException(  # recorded
            f"The image tag '{tag}' already exists in the '{repository}' repository and cannot be "
            "overwritten because the repository is immutable."
        )
    if not there:
        if writing.image_count(scope, repository) >= _MOST_IMAGES:
            raise LimitExceededException(f"The {where} has {_MOST_IMAGES} images, which is the limit")
        writing.put_image(scope, repository, image, body)
    if tag is not None:
        if writing.tag_count(scope, repository, image.digest) >= _MOST_TAGS:
            raise LimitExceededException(f"An image may have {_MOST_TAGS} tags, which is the limit")
        writing.put_tag(scope, repository, tag, image.digest)
