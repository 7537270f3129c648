"""Objects in S3 as other services read and write them. Between them and S3."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sagehen.domain.identity import Principal


@dataclass(frozen=True, slots=True)
class ObjectSummary:
    """One object in a listing. `size` in bytes; `etag` with its quotes."""

    key: str
    size: int
    etag: str
    last_modified: datetime


class NoSuchObject(Exception):
    """The bucket or key does not exist (or may not be known to exist). The message names it."""


class Objects(Protocol):
    """S3 as other services use it, with the rights of `principal`."""

    def list_objects(
        self, principal: Principal, bucket: str, prefix: str = ""
    ) -> AsyncIterator[ObjectSummary]:
        """Yield every object under `prefix` in key order.

        Raises:
            NoSuchObject: The bucket does not exist.
            AccessDenied: `principal` may not list it.
        """
        ...

    async def download(
        self, principal: Principal, bucket: str, key: str, to: Path, version_id: str | None = None
    ) -> ObjectSummary:
        """Write one object to a new file, made complete before it has its name (hard link or copy).

        The latest version, unless another is named.

        Raises:
            NoSuchObject, AccessDenied.
        """
        ...

    async def link(self, principal: Principal, bucket: str, key: str, to: Path) -> tuple[ObjectSummary, bool]:
        """Make `to` a name of the store's own file, where that can be; return whether it is.

        For who shows it to others read-only, and to them alone: who may write to it would alter the object.

        Raises:
            NoSuchObject, AccessDenied.
        """
        ...

    async def fill(self, principal: Principal, bucket: str, expected: ObjectSummary, to: Path) -> bool:
        """Write an object into a file that is there, of its size; return False where it is another by now.

        Nothing is written then.

        Args:
            expected: What was listed.

        Raises:
            NoSuchObject, AccessDenied.
        """
        ...

    async def read(
        self, principal: Principal, bucket: str, key: str, version_id: str | None = None
    ) -> tuple[ObjectSummary, AsyncIterator[bytes]]:
        """Open one object, to be read piece by piece, as it is now.

        The latest version, unless another is named. Its content stays for as long as the iterator does,
        whatever becomes of the object.

        Raises:
            NoSuchObject, AccessDenied.
        """
        ...

    async def upload(
        self,
        principal: Principal,
        bucket: str,
        key: str,
        source: Path | bytes,
        content_type: str = "application/octet-stream",
        kms_key_id: str | None = None,
        size: int | None = None,
    ) -> ObjectSummary:
        """Store a file as an object. Flat memory at any size.

        Args:
            source: The file, or what would be in it: that takes no thread.
            kms_key_id: Encrypts the object; None leaves that to the bucket.
            size: Of the file no more than so many bytes, whatever somebody writes behind them; None: as
                many as it has once it is open.

        Raises:
            NoSuchObject, AccessDenied.
        """
        ...
