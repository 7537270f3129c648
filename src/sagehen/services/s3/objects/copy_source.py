"""The x-amz-copy-source header: `[/]bucket/key[?versionId=id]`, percent-encoded."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from sagehen.services.s3.errors.requests import InvalidArgument


@dataclass(frozen=True, slots=True)
class CopySource:
    """What x-amz-copy-source names; `version_id` None is the latest."""

    bucket: str
    key: str
    version_id: str | None = None

    @classmethod
    def parse(cls, header: str) -> CopySource:
        """Take the header apart.

        Raises:
            InvalidArgument: It names no bucket and key.
        """
        path, _, version = header.partition("?versionId=")
        bucket, slash, key = unquote(path).removeprefix("/").partition("/")
        if not bucket or not slash or not key:
            raise InvalidArgument(
                "Invalid copy source object key" if bucket else "Invalid copy source bucket name",
                "x-amz-copy-source",
                header,
            )
        return cls(bucket, key, version or None)
