"""Downloads: a job's channels, source and checkpoints, from S3 into its folder, many objects at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path, PurePosixPath

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.objects import NoSuchObject, Objects, ObjectSummary
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels import Channel
from sagehen.services.sagemaker.transfers.manifests import parse_manifest
from sagehen.services.sagemaker.transfers.names import file_path, relative_path

# Objects come from this machine. Large ones queue for its disk; small ones are written in batches of
# as many as are under way.
_PARALLEL_DOWNLOADS = 64


class DownloadFailed(Exception):
    """A channel could not be brought in; the message is the job's FailureReason."""


class Downloads:
    """Brings a job's channels into its folder, many objects at once.

    Args:
        objects: S3.
        principal: The session of the job's role.
        folder: Where they go.
    """

    def __init__(self, objects: Objects, principal: Principal, folder: JobFolder) -> None:
        self._objects = objects
        self._principal = principal
        self._folder = folder
        self._slots = asyncio.Semaphore(_PARALLEL_DOWNLOADS)
        self._made: set[Path] = set()

    async def bring(self, channel: Channel, hosts: Sequence[str]) -> None:
        """Download one channel for all hosts.

        Raises:
            DownloadFailed: With the reason as AWS words it.
        """
        sharded = channel.distribution == "ShardedByS3Key"
        try:
            targets = [self._folder.channel(channel.name, host) for host in hosts]
            if not sharded:
                targets = [self._folder.channel(channel.name)]
            for target in targets:
                await asyncio.to_thread(target.mkdir, parents=True, exist_ok=True)
            async with asyncio.TaskGroup() as group:
                index = 0
                async for bucket, key, relative in self._entries(channel):
                    # Key order decides: object i goes to instance i mod n. AWS promises about 1/n each.
                    target = targets[index % len(targets)] / _target(relative)
                    index += 1
                    await self._begin(group, bucket, key, target)
        except (ExceptionGroup, OSError) as error:
            raise _failure(error) from None

    async def fetch(self, uri: str, to: Path) -> None:
        """Download one object.

        Raises:
            DownloadFailed: With the reason as AWS words it.
        """
        bucket, key = uris.split(uri)
        try:
            async with self._slots:
                await self._download(bucket, key, to)
        except (AccessDenied, NoSuchObject, OSError) as error:
            raise _failure(error) from None

    async def bring_prefix(self, uri: str, target: Path, room: int) -> None:
        """Download all objects under a prefix, none being no fault (checkpoints of an earlier attempt).

        Args:
            room: Bytes that they may be together.

        Raises:
            DownloadFailed: Also where they are more.
        """
        bucket, prefix = uris.split(uri.rstrip("/") + "/")
        size = 0
        try:
            async with asyncio.TaskGroup() as group:
                async for summary in self._below(bucket, prefix):
                    size += summary.size
                    if size > room:
                        raise DownloadFailed(
                            f"ClientError: Data download failed:what is under {uri} is more than the "
                            f"{room // 1024**3} GB that the volume has room for"
                        )
                    to = target / _target(relative_path(prefix, summary.key))
                    await self._begin(group, bucket, summary.key, to)
        except (ExceptionGroup, OSError) as error:
            raise _failure(error) from None

    async def _begin(self, group: asyncio.TaskGroup, bucket: str, key: str, target: Path) -> None:
        """Begin a download once there is room for one: a prefix may hold millions of objects."""
        await self._slots.acquire()
        task = group.create_task(self._download(bucket, key, target))
        task.add_done_callback(lambda _: self._slots.release())

    async def _download(self, bucket: str, key: str, target: Path) -> None:
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        await self._objects.download(self._principal, bucket, key, target)

    async def _entries(self, channel: Channel) -> AsyncIterator[tuple[str, str, str]]:
        """Yield (bucket, key, path within the channel) in order."""
        bucket, key = uris.split(channel.uri)
        if channel.data_type == "ManifestFile":
            for entry in await self._manifest(channel.name, bucket, key):
                yield entry
            return
        async for summary in self._below(bucket, key):
            yield bucket, summary.key, relative_path(key, summary.key)

    async def _below(self, bucket: str, prefix: str) -> AsyncIterator[ObjectSummary]:
        async for summary in self._objects.list_objects(self._principal, bucket, prefix):
            if not summary.key.endswith("/"):  # the console's markers of folders (S3 User Guide, folders)
                yield summary

    async def _manifest(self, channel: str, bucket: str, key: str) -> list[tuple[str, str, str]]:
        path = self._folder.root / f"manifest-{channel}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        await self._objects.download(self._principal, bucket, key, path)
        try:
            prefix_uri, names = await asyncio.to_thread(parse_manifest, path)
        except ValueError as error:
            raise DownloadFailed(f"ClientError: Invalid manifest s3://{bucket}/{key}: {error}.") from None
        prefix_bucket, prefix = uris.split(prefix_uri)
        return [(prefix_bucket, prefix + name, name) for name in names]


def _target(relative: str) -> PurePosixPath:
    try:
        return file_path(relative)
    except ValueError as error:
        raise DownloadFailed(f"ClientError: Data download failed:{error}") from None


def _failure(error: BaseException) -> DownloadFailed:
    if isinstance(error, BaseExceptionGroup):
        return _failure(error.exceptions[0])
    if isinstance(error, DownloadFailed):
        return error
    if isinstance(error, AccessDenied):
        return DownloadFailed(f"ClientError: Data download failed:AccessDenied (403): {error.message}")
    if isinstance(error, NoSuchObject):
        return DownloadFailed(f"ClientError: Data download failed:NoSuchKey (404): {error}")
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return DownloadFailed(
            "ClientError: Data download failed:one key is a prefix of another, "
            f"so that a file and a folder have the same name: {error.filename}"
        )
    return DownloadFailed(f"InternalServerError: Data download failed:{error}")
