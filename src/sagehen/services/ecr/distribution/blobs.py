"""Blobs and uploads by the protocol."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.api.streams import FileSlice
from sagehen.domain.scope import Scope
from sagehen.images.contents import ContentStore
from sagehen.images.digests import is_digest
from sagehen.services.ecr.distribution.failures import HEADERS, Failure
from sagehen.services.ecr.distribution.messages import RegistryAnswer, RegistryRequest
from sagehen.services.ecr.distribution.routes import asked_bytes, sent_bytes
from sagehen.services.ecr.layers.uploading import Uploads
from sagehen.services.ecr.repositories.finding import require
from sagehen.services.ecr.repositories.records import Records


class Blobs:
    """What the protocol does with blobs; raises `Failure`, and ECR's errors.

    Args:
        contents: Where they lie.
    """

    def __init__(self, records: Records, uploads: Uploads, contents: ContentStore) -> None:
        self._records = records
        self._uploads = uploads
        self._contents = contents

    async def head(self, scope: Scope, name: str, digest: str) -> RegistryAnswer:
        """Tell that a blob is there; whoever asked will not upload it, so it stays for a while."""
        size = self._size(scope, name, digest)
        await self._uploads.announce(scope, name, [digest])
        return RegistryAnswer(200, {**_described(digest), "Content-Length": str(size)})

    def get(self, scope: Scope, name: str, digest: str, headers: Mapping[str, str]) -> RegistryAnswer:
        """Send a blob, or the bytes of it that are asked for."""
        size = self._size(scope, name, digest)
        try:
            asked = asked_bytes(headers.get("range"), size)
        except ValueError:
            raise Failure(
                416, "UNSUPPORTED", "There are no such bytes.", {"Content-Range": f"bytes */{size}"}
            ) from None
        offset, length = asked or (0, size)
        said = _described(digest)
        if asked is not None:
            said["Content-Range"] = f"bytes {offset}-{offset + length - 1}/{size}"
        body = FileSlice(self._contents.path(digest), offset, length)
        return RegistryAnswer(200 if asked is None else 206, said, body)

    async def mount(self, scope: Scope, source: str, name: str, digest: str) -> RegistryAnswer | None:
        """Take a blob over from another repository; None where that has none: it is to be uploaded."""
        if not is_digest(digest) or not await self._uploads.mount(scope, scope, source, name, digest):
            return None
        return _created(name, digest)

    async def begin(
        self, scope: Scope, name: str, digest: str | None, request: RegistryRequest
    ) -> RegistryAnswer:
        """Begin an upload; with a digest, the body is all of it."""
        if digest is not None and not is_digest(digest):
            raise _bad_digest(digest)
        upload = await self._uploads.begin(scope, name)
        if digest is None:
            return _accepted(name, upload, 0)
        await self._uploads.append(scope, name, upload, 0, aiter(request.body))
        await self._uploads.complete(scope, name, upload, digest)
        return _created(name, digest)

    async def progress(self, scope: Scope, name: str, upload: str) -> RegistryAnswer:
        """Tell how much of an upload is there."""
        size = await self._uploads.size(scope, name, upload)
        accepted = _accepted(name, upload, size)
        return RegistryAnswer(204, accepted.headers)

    async def append(self, scope: Scope, name: str, upload: str, request: RegistryRequest) -> RegistryAnswer:
        """Add the next chunk."""
        size = await self._append(scope, name, upload, request)
        return _accepted(name, upload, size)

    async def complete(
        self, scope: Scope, name: str, upload: str, digest: str | None, request: RegistryRequest
    ) -> RegistryAnswer:
        """Add what is in the body, and make the upload a blob."""
        if digest is None or not is_digest(digest):
            raise _bad_digest(digest or "")
        if request.body.length != 0:
            await self._append(scope, name, upload, request)
        await self._uploads.complete(scope, name, upload, digest)
        return _created(name, digest)

    async def discard(self, scope: Scope, name: str, upload: str) -> RegistryAnswer:
        """Give an upload up."""
        await self._uploads.discard(scope, name, upload)
        return RegistryAnswer(204, dict(HEADERS))

    async def _append(self, scope: Scope, name: str, upload: str, request: RegistryRequest) -> int:
        try:
            sent = sent_bytes(request.headers.get("content-range"))
        except ValueError:
            raise Failure(400, "BLOB_UPLOAD_INVALID", "The Content-Range is none.") from None
        length = request.body.length
        if sent is not None and length is not None and sent[1] - sent[0] + 1 != length:
            raise Failure(400, "SIZE_INVALID", "The Content-Range is not as long as the body.")
        first = None if sent is None else sent[0]
        return await self._uploads.append(scope, name, upload, first, aiter(request.body))

    def _size(self, scope: Scope, name: str, digest: str) -> int:
        require(self._records, scope, name)
        if not is_digest(digest):
            raise _bad_digest(digest)
        size = self._uploads.layer(scope, name, digest)
        if size is None:
            where = f"repository with name '{name}' in the registry with id '{scope.account_id}'"
            raise Failure(
                404, "BLOB_UNKNOWN", f"The layer with digest '{digest}' does not exist within the {where}"
            )
        return size


def _described(digest: str) -> dict[str, str]:
    return {
        **HEADERS,
        "Content-Type": "application/octet-stream",
        "Docker-Content-Digest": digest,
        "ETag": f'"{digest}"',
        "Accept-Ranges": "bytes",
    }


def _created(name: str, digest: str) -> RegistryAnswer:
    location = f"/v2/{name}/blobs/{digest}"
    return RegistryAnswer(201, {**HEADERS, "Location": location, "Docker-Content-Digest": digest})


def _accepted(name: str, upload: str, size: int) -> RegistryAnswer:
    headers = {**HEADERS, "Location": f"/v2/{name}/blobs/uploads/{upload}", "Docker-Upload-Uuid": upload}
    # Of nothing, too, the reference implementation says 0-0, and clients count on a header.
    headers["Range"] = f"0-{max(0, size - 1)}"
    return RegistryAnswer(202, headers)


def _bad_digest(digest: str) -> Failure:
    return Failure(400, "DIGEST_INVALID", f"{digest[:100]!r} is no SHA-256 digest.")
