"""RoleUploads: `ports.Uploads` of the platform's own machine."""

from __future__ import annotations

from pathlib import Path

from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import Objects


class RoleUploads:
    """S3 as files go there with the rights of one session.

    Args:
        principal: The session of a role.
    """

    def __init__(self, objects: Objects, principal: Principal) -> None:
        self._objects = objects
        self._principal = principal

    async def upload(
        self,
        bucket: str,
        key: str,
        source: Path,
        content_type: str = "application/octet-stream",
        kms_key_id: str | None = None,
        size: int | None = None,
    ) -> None:
        """See `ports.Uploads.upload`."""
        await self._objects.upload(self._principal, bucket, key, source, content_type, kms_key_id, size)
