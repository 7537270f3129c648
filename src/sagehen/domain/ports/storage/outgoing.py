"""Where in S3 goes what instances write, and what of it: said by who runs them, read where the files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Target:
    """Of the files of one folder, as they change.

    Args:
        prefix: Of their keys; names below the folder follow.
        room: Bytes that one instance may store, holes of sparse files counted.
        what: As a person calls them: `checkpoints`.
        ignored: Endings of names that are left where they are.
        kms_key_id: Encrypts what is stored; None leaves that to the bucket.
    """

    bucket: str
    prefix: str
    room: int
    what: str
    ignored: tuple[str, ...] = ()
    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class ArtifactsTarget:
    """Of what a training job leaves.

    Args:
        prefix: Of their keys: `model.tar.gz` and `output.tar.gz` follow, or `model/` and `data/`.
        packed: Whether they are archives, not single objects.
        room: Bytes that one instance may leave in each of both folders.
        kms_key_id: As of `Target`.
    """

    bucket: str
    prefix: str
    packed: bool
    room: int
    kms_key_id: str | None = None


class Uploads(Protocol):
    """S3 as files go there, with the rights of one role."""

    async def upload(
        self,
        bucket: str,
        key: str,
        source: Path,
        content_type: str = "application/octet-stream",
        kms_key_id: str | None = None,
        size: int | None = None,
    ) -> None:
        """Store a file as an object; see `Objects.upload`.

        Raises:
            NoSuchObject, AccessDenied, OSError.
        """
        ...
