"""Entries: the objects of a channel, by prefix or manifest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects, ObjectSummary
from sagehen.executors.folders.job import JobFolder
from sagehen.incoming.index import (
    Entry,
    Index,
    IndexTooLarge,
    of_lines,
    write,
)
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.failures import DownloadFailed, as_failure
from sagehen.services.sagemaker.transfers.manifests import Manifest
from sagehen.services.sagemaker.transfers.names import relative_path


class Entries:
    """Lists channels with the rights of a job's role.

    Args:
        principal: The role's session.
        folder: Manifests and lists are kept in it.
    """

    def __init__(self, objects: Objects, principal: Principal, folder: JobFolder) -> None:
        self._objects = objects
        self._principal = principal
        self._folder = folder

    async def of(self, channel: Channel) -> AsyncIterator[Entry]:
        """Yield a channel's objects, in the order of keys or of its manifest.

        Raises:
            DownloadFailed: Its manifest is none.
            NoSuchObject, AccessDenied
        """
        bucket, key = uris.split(channel.uri)
        if channel.data_type == "ManifestFile":
            async for entry in self._listed(channel.name, bucket, key):
                yield entry
            return
        async for summary in self.below(bucket, key):
            yield Entry(bucket, summary.key, relative_path(key, summary.key))

    async def below(self, bucket: str, prefix: str) -> AsyncIterator[ObjectSummary]:
        """Yield the objects under a prefix."""
        async for summary in self._objects.list_objects(self._principal, bucket, prefix):
            if not summary.key.endswith("/"):  # the console's markers of folders (S3 User Guide, folders)
                yield summary

    async def index(self, channel: Channel) -> Index:
        """Return a channel's entries by number; of an augmented manifest, its lines.

        Raises:
            DownloadFailed
        """
        try:
            if channel.data_type == "AugmentedManifestFile":
                bucket, key = uris.split(channel.uri)
                path = await self._fetch(channel.name, bucket, key)
                return await asyncio.to_thread(of_lines, path)
            path = self._folder.listing(channel.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            return await write(path, self.of(channel))
        except IndexTooLarge as error:
            raise DownloadFailed(f"ClientError: Data download failed:{channel.uri}: {error}") from None
        except (AccessDenied, NoSuchObject, OSError) as error:
            raise as_failure(error) from None

    async def _listed(self, channel: str, bucket: str, key: str) -> AsyncIterator[Entry]:
        """Yield what a manifest names."""
        path = await self._fetch(channel, bucket, key)
        try:
            with await asyncio.to_thread(lambda: Manifest(path.open("rb"))) as manifest:
                prefix_bucket, prefix = uris.split(manifest.prefix)
                while names := await asyncio.to_thread(manifest.names):
                    for name in names:
                        yield Entry(prefix_bucket, prefix + name, name)
        except ValueError as error:
            raise DownloadFailed(f"ClientError: Invalid manifest s3://{bucket}/{key}: {error}.") from None

    async def _fetch(self, channel: str, bucket: str, key: str) -> Path:
        path = self._folder.manifest(channel)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(path.unlink, True)
        await self._objects.download(self._principal, bucket, key, path)
        return path
