"""Uploads: contents on their way into a repository."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.images.contents import (
    BlobTooLarge,
    ContentStore,
    DigestMismatch,
    UploadBusy,
    UploadUnknown,
)
from sagehen.services.ecr.errors import (
    EmptyUploadException,
    InvalidLayerException,
    InvalidLayerPartException,
    LimitExceededException,
    no_such_repository,
    no_such_upload,
)
from sagehen.services.ecr.repositories.finding import require
from sagehen.services.ecr.repositories.records import Records, Writing

# Ours: of an account, together. Each is a file; a client that breaks off leaves one for a day.
_MOST_UPLOADS = 500
# An upload nobody goes on with, and a layer that no image refers to: a push takes minutes, not a day.
STALE_S = 24 * 3600.0


class Uploads:
    """Begins, goes on with and completes uploads.

    Args:
        contents: Where they lie.
        clock: Dates them.
    """

    def __init__(self, records: Records, contents: ContentStore, clock: Clock) -> None:
        self._records = records
        self._contents = contents
        self._clock = clock

    async def begin(self, scope: Scope, repository: str) -> str:
        """Return the id of a new upload.

        Raises:
            RepositoryNotFoundException, LimitExceededException.
        """
        require(self._records, scope, repository)
        upload = await self._contents.begin()
        now = self._clock.now().timestamp()

        def work(writing: Writing) -> None:
            if writing.repository(scope, repository) is None:
                raise no_such_repository(scope, repository)
            if writing.upload_count(scope.account_id) >= _MOST_UPLOADS:
                raise LimitExceededException(
                    f"There are {_MOST_UPLOADS} uploads under way, which is the limit."
                )
            writing.begin_upload(scope, repository, upload, now)

        try:
            await self._records.change(work)
        except BaseException:
            await self._contents.discard(upload)
            raise
        return upload

    async def size(self, scope: Scope, repository: str, upload: str) -> int:
        """Return how many bytes have come. Raises UploadNotFoundException."""
        self._require(scope, repository, upload)
        try:
            return await self._contents.size(upload)
        except UploadUnknown:
            raise no_such_upload(scope, repository, upload) from None

    async def append(
        self, scope: Scope, repository: str, upload: str, first: int | None, chunks: AsyncIterator[bytes]
    ) -> int:
        """Add to an upload; return its size.

        Args:
            first: The number of the first byte, which must be the next one; None where nobody says it.

        Raises:
            UploadNotFoundException, InvalidLayerPartException, LimitExceededException.
        """
        size = await self.size(scope, repository, upload)
        if first is not None and first != size:
            raise InvalidLayerPartException(
                f"The layer part begins at {first}, and the upload with id '{upload}' has {size} bytes",
                registryId=scope.account_id, repositoryName=repository, uploadId=upload,
                lastValidByteReceived=size - 1,
            )  # fmt: skip
        try:
            return await self._contents.append(upload, chunks)
        except UploadUnknown:
            raise no_such_upload(scope, repository, upload) from None
        except UploadBusy:
            raise InvalidLayerPartException(
                f"Another request writes to the upload with id '{upload}'"
            ) from None
        except BlobTooLarge:
            raise LimitExceededException(
                "The layer is larger than a layer may be, or than the disk has room"
            ) from None

    async def complete(self, scope: Scope, repository: str, upload: str, digest: str) -> int:
        """Make an upload a layer of the repository; return its size.

        Raises:
            UploadNotFoundException, InvalidLayerException, EmptyUploadException.
        """
        if not await self.size(scope, repository, upload):
            raise EmptyUploadException(f"The upload with id '{upload}' has no bytes")
        return await self._complete(scope, repository, upload, digest)

    async def _complete(self, scope: Scope, repository: str, upload: str, digest: str) -> int:
        now = self._clock.now().timestamp()
        try:
            # Hashed before `naming` is held, where the upload is an earlier life's.
            found, _ = await self._contents.digest(upload)
            async with self._contents.naming:
                size = await self._contents.complete(upload, digest if found == digest else "")

                def work(writing: Writing) -> None:
                    if writing.repository(scope, repository) is None:
                        raise no_such_repository(scope, repository)
                    writing.end_upload(upload)
                    writing.put_layer(scope, repository, digest, size, now)

                await self._records.change(work)
        except UploadUnknown:
            raise no_such_upload(scope, repository, upload) from None
        except UploadBusy:
            raise InvalidLayerPartException(
                f"Another request writes to the upload with id '{upload}'"
            ) from None
        except DigestMismatch as error:
            await self._records.change(lambda writing: writing.end_upload(upload))
            raise InvalidLayerException(
                f"Layer digest '{digest}' does not match the digest of what was uploaded, '{error.digest}'"
            ) from None
        return size

    async def discard(self, scope: Scope, repository: str, upload: str) -> None:
        """Give an upload up. Raises UploadNotFoundException."""
        self._require(scope, repository, upload)
        try:
            await self._contents.discard(upload)
        except UploadBusy:
            raise InvalidLayerPartException(
                f"Another request writes to the upload with id '{upload}'"
            ) from None
        await self._records.change(lambda writing: writing.end_upload(upload))

    async def mount(
        self, scope: Scope, source: Scope, from_repository: str, repository: str, digest: str
    ) -> bool:
        """Let a repository have a layer of another one; return False where that has none of this digest."""
        now = self._clock.now().timestamp()
        size = self._records.layer_size(source, from_repository, digest)
        if size is None:
            return False

        def work(writing: Writing) -> bool:
            if writing.repository(scope, repository) is None:
                raise no_such_repository(scope, repository)
            if not writing.has_layer(source, from_repository, digest):
                return False
            writing.put_layer(scope, repository, digest, size, now)
            return True

        return await self._records.change(work)

    def layer(self, scope: Scope, repository: str, digest: str) -> int | None:
        """Return the size of a layer; None where the repository has none of that digest."""
        return self._records.layer_size(scope, repository, digest)

    async def announce(self, scope: Scope, repository: str, digests: list[str]) -> None:
        """Keep layers for another while: somebody has been told that they need not be uploaded."""
        now = self._clock.now().timestamp()
        await self._records.change(lambda writing: writing.touch_layers(scope, repository, digests, now))

    async def sweep(self) -> None:
        """Delete uploads that nobody goes on with, and layers that no image came to refer to."""
        before = self._clock.now().timestamp() - STALE_S
        for upload in self._records.uploads_before(before):
            try:
                await self._contents.discard(upload)
            except UploadBusy:
                continue
            await self._records.change(lambda writing, upload=upload: writing.end_upload(upload))  # type: ignore[misc]
        async with self._contents.naming:
            unwanted = await self._records.change(lambda writing: writing.remove_stale_layers(before))
            await self._contents.remove(unwanted)

    def _require(self, scope: Scope, repository: str, upload: str) -> None:
        require(self._records, scope, repository)
        if not self._records.has_upload(scope, repository, upload):
            raise no_such_upload(scope, repository, upload)
