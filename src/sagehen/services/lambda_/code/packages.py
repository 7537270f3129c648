"""Packages: where a function's or layer's archive comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.services.lambda_.code.archives import ZIPPED_BYTES
from sagehen.services.lambda_.code.store import CodeStore, Package
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    RequestEntityTooLargeException,
)


class Packages:
    """Takes archives from requests and, with the caller's rights, from S3."""

    def __init__(self, store: CodeStore, objects: Objects) -> None:
        self._store = store
        self._objects = objects

    async def take(self, context: RequestContext, source: Mapping[str, Any]) -> Package:
        """Store and unpack the archive that `source` gives: ZipFile, or S3Bucket with S3Key.

        Unpacking is part of taking it: AWS too refuses a damaged archive at once, and an update
        that could fail later would leave a function without code.

        Raises:
            InvalidParameterValueException: There is none, or it is no good.
            RequestEntityTooLargeException: An inline archive of more than 50 MB.
            NotImplementedOperation: A key of KMS, or an archive that stays where it is.
        """
        if source.get("SourceKMSKeyArn") or source.get("S3ObjectStorageMode") == "REFERENCE":
            raise NotImplementedOperation(
                "SourceKMSKeyArn and S3ObjectStorageMode REFERENCE are not implemented."
            )
        content, bucket, key = source.get("ZipFile"), source.get("S3Bucket"), source.get("S3Key")
        # Recorded, as the texts below are.
        if content is not None and (bucket or key or source.get("S3ObjectVersion")):
            raise InvalidParameterValueException(
                "Please do not provide other FunctionCode parameters when providing a ZipFile."
            )
        if content is not None:
            if len(content) > ZIPPED_BYTES:
                raise RequestEntityTooLargeException(f"Zipped size must be smaller than {ZIPPED_BYTES} bytes")
            return await self._unpacked(await self._store.add_bytes(content))
        if not bucket or not key:
            raise InvalidParameterValueException("Please provide a source for function code.")
        return await self._unpacked(await self._fetch(context, bucket, key, source.get("S3ObjectVersion")))

    async def _unpacked(self, package: Package) -> Package:
        await self._store.unpack(package.sha)
        return package

    async def _fetch(self, context: RequestContext, bucket: str, key: str, version: str | None) -> Package:
        file = self._store.new_file()
        try:
            await self._objects.download(context.principal, bucket, key, file, version)
        except NoSuchObject as missing:
            whole_bucket = str(missing).startswith("The bucket")
            code = "NoSuchBucket" if whole_bucket else "NoSuchKey"
            text = (
                "The specified bucket does not exist" if whole_bucket else "The specified key does not exist."
            )
            raise _not_got(code, text) from None
        except AccessDenied as denied:
            raise _not_got("AccessDenied", denied.message) from None
        return await self._store.add_file(file)


def _not_got(code: str, message: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
    )
