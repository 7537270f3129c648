"""PutImage, BatchGetImage, BatchDeleteImage, DescribeImages, ListImages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.scope import Scope
from sagehen.images.digests import is_digest
from sagehen.services.ecr.errors import InvalidParameterException, no_such_image
from sagehen.services.ecr.images.keeping import Keeper
from sagehen.services.ecr.repositories.finding import on_repository, require, require_whole, scope_of
from sagehen.services.ecr.repositories.records import Image, Records

_DEFAULT_PAGE = 100
Identifier = dict[str, str]


class Images:
    """Operations on images."""

    def __init__(self, records: Records, keeper: Keeper) -> None:
        self._records = records
        self._keeper = keeper

    @operation("PutImage", access=on_repository)
    async def put_image(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Store a manifest, or give another tag to one. Raises as `Keeper.put`."""
        scope, name = scope_of(context, request), request["repositoryName"]
        body = request["imageManifest"].encode("utf-8", "surrogatepass")
        tag = request.get("imageTag")
        image = await self._keeper.put(
            scope, name, body, request.get("imageManifestMediaType"), tag, request.get("imageDigest")
        )
        identifier = {"imageDigest": image.digest, **({"imageTag": tag} if tag else {})}
        return {"image": _shown(scope, name, identifier, image, request["imageManifest"])}

    @operation("BatchGetImage", access=on_repository)
    async def batch_get_image(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return manifests; what is not there is among the failures.

        Raises:
            RepositoryNotFoundException.
        """
        scope, name = scope_of(context, request), request["repositoryName"]
        require(self._records, scope, name)
        images, failures = [], []
        accepted = request.get("acceptedMediaTypes")
        for identifier in request["imageIds"]:
            image, failure = self._found(scope, name, identifier)
            if image is not None and accepted and image.media_type not in accepted:
                image = None  # nothing is converted; AWS converts what Docker pushed before 2017
            body = await self._keeper.pulled(scope, name, image) if image is not None else None
            if image is None or body is None:
                failures.append(failure or _failure(identifier, "ImageNotFound", "Requested image not found"))
                continue
            full = {**identifier, "imageDigest": image.digest}
            images.append(_shown(scope, name, full, image, body.decode("utf-8", "replace")))
        return {"images": images, "failures": failures}

    @operation("BatchDeleteImage", access=on_repository)
    async def batch_delete_image(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete tags, and images with their last one; by digest with all tags.

        Raises:
            RepositoryNotFoundException.
        """
        scope, name = scope_of(context, request), request["repositoryName"]
        require(self._records, scope, name)
        deleted, failures = [], []
        for identifier in request["imageIds"]:
            image, failure = self._found(scope, name, identifier)
            if image is None:
                failures.append(failure)
                continue
            tag = identifier.get("imageTag")
            if indexes := await self._keeper.remove(scope, name, image, tag):
                reason = f"Requested image referenced by manifest list: [{', '.join(indexes[:10])}]"
                failures.append(_failure(identifier, "ImageReferencedByManifestList", reason))
                continue
            tags = [tag] if tag else list(image.tags)
            deleted += [{"imageDigest": image.digest, "imageTag": each} for each in tags]
            deleted += [] if tags else [{"imageDigest": image.digest}]
        return {"imageIds": deleted, "failures": failures}

    @operation("DescribeImages", access=on_repository)
    async def describe_images(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Describe images, the named ones or all.

        Raises:
            RepositoryNotFoundException, ImageNotFoundException, InvalidParameterException.
        """
        scope, name = scope_of(context, request), request["repositoryName"]
        require(self._records, scope, name)
        if identifiers := request.get("imageIds"):
            require_whole(request, "imageIds")
            found = []
            for identifier in identifiers:
                digest, tag = identifier.get("imageDigest"), identifier.get("imageTag")
                image = self._keeper.find(scope, name, digest, tag) if digest or tag else None
                if image is None:
                    raise no_such_image(scope, name, digest, tag)
                found.append(image)
            return {"imageDetails": [_detail(scope, name, image) for image in dict.fromkeys(found)]}
        wanted = _filter(request)
        images = await asyncio.to_thread(self._records.images, scope, name)
        page = paginate(
            [image for image in images if wanted(image)], key=lambda image: image.digest,
            token=request.get("nextToken"), limit=request.get("maxResults") or _DEFAULT_PAGE,
            listing=f"images/{scope.account_id}/{name}", error=InvalidParameterException,
        )  # fmt: skip
        shown = [_detail(scope, name, image) for image in page.items]
        return {"imageDetails": shown, "nextToken": page.next_token}

    @operation("ListImages", access=on_repository)
    async def list_images(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """List images, once for each of their tags.

        Raises:
            RepositoryNotFoundException, InvalidParameterException.
        """
        scope, name = scope_of(context, request), request["repositoryName"]
        require(self._records, scope, name)
        wanted = _filter(request)
        images = await asyncio.to_thread(self._records.images, scope, name)
        entries = [(i.digest, tag) for i in images if wanted(i) for tag in (i.tags or ("",))]
        page = paginate(
            entries, key=lambda entry: entry, token=request.get("nextToken"),
            limit=request.get("maxResults") or _DEFAULT_PAGE, listing=f"ids/{scope.account_id}/{name}",
            error=InvalidParameterException,
        )  # fmt: skip
        shown = [{"imageDigest": d, **({"imageTag": tag} if tag else {})} for d, tag in page.items]
        return {"imageIds": shown, "nextToken": page.next_token}

    def _found(self, scope: Scope, name: str, identifier: Identifier) -> tuple[Image | None, Any]:
        """Return an image, or why there is none. The reasons are from memory."""
        digest, tag = identifier.get("imageDigest"), identifier.get("imageTag")
        if not digest and not tag:
            reason = "Invalid request parameters: both tag and digest cannot be null"
            return None, _failure(identifier, "MissingDigestAndTag", reason)
        if digest and not is_digest(digest):
            reason = (
                "Invalid request parameters: image digest should satisfy the regex "
                "'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
            )
            return None, _failure(identifier, "InvalidImageDigest", reason)
        image = self._keeper.find(scope, name, digest or None, tag or None)
        if image is None and digest and tag and self._keeper.find(scope, name, digest, None):
            return None, _failure(identifier, "ImageTagDoesNotMatchDigest", "Tag does not match digest")
        return image, None if image else _failure(identifier, "ImageNotFound", "Requested image not found")


def _filter(request: Request) -> Callable[[Image], bool]:
    asked = request.get("filter") or {}
    if asked.get("imageStatus") not in (None, "ANY", "ACTIVE"):
        raise NotImplementedOperation("Archived images are not implemented.")
    match asked.get("tagStatus"):
        case "TAGGED":
            return lambda image: bool(image.tags)
        case "UNTAGGED":
            return lambda image: not image.tags
    return lambda image: True


def _failure(identifier: Identifier, code: str, reason: str) -> dict[str, Any]:
    return {"imageId": dict(identifier), "failureCode": code, "failureReason": reason}


def _shown(scope: Scope, name: str, identifier: Identifier, image: Image, manifest: str) -> dict[str, Any]:
    return {
        "registryId": scope.account_id,
        "repositoryName": name,
        "imageId": dict(identifier),
        "imageManifest": manifest,
        "imageManifestMediaType": image.media_type,
    }


def _detail(scope: Scope, name: str, image: Image) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "registryId": scope.account_id,
        "repositoryName": name,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": datetime.fromtimestamp(image.pushed_at, UTC),
        "imageManifestMediaType": image.media_type,
        "imageStatus": "ACTIVE",
    }
    if image.tags:
        detail["imageTags"] = list(image.tags)
    if image.artifact_type:
        detail["artifactMediaType"] = image.artifact_type
    if image.subject:
        detail["subjectManifestDigest"] = image.subject
    if image.pulled_at is not None:
        detail["lastRecordedPullTime"] = datetime.fromtimestamp(image.pulled_at, UTC)
    return detail
