"""Input channels: which objects each instance gets, under which names, and their download.

FastFile is materialised like File before the start: the script sees the same files at the same
paths, only earlier. Pipe, AugmentedManifestFile, file systems and wrappers are answered with 501.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.objects import NoSuchObject, Objects, ObjectSummary
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.archives.bounds import MAX_NAME_BYTES
from sagehen.services.sagemaker.transfers import uris

# Objects come from this machine. Large ones queue for its disk; small ones are written in batches of
# as many as are under way.
_PARALLEL_DOWNLOADS = 64
# Some 200,000 names. AWS documents no limit; here it is parsed in one piece, which takes 0.1 s at most.
_MANIFEST_BYTES = 16 * 1024**2


class DownloadFailed(Exception):
    """A channel could not be brought in; the message is the job's FailureReason."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One element of InputDataConfig, checked."""

    name: str
    uri: str
    data_type: str
    distribution: str
    input_mode: str
    content_type: str | None

    def config(self) -> dict[str, str]:
        """Return its entry of inputdataconfig.json."""
        entry = {
            "TrainingInputMode": self.input_mode,
            "S3DistributionType": self.distribution,
            "RecordWrapperType": "None",
        }
        if self.content_type:
            entry["ContentType"] = self.content_type
        return entry


def parse(request: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Return the channels of a CreateTrainingJob request.

    Raises:
        ValidationException: Two channels of one name, or a data source without content.
        NotImplementedOperation: A mode, source or wrapper that is not built, by its name.
    """
    default_mode = request.get("AlgorithmSpecification", {}).get("TrainingInputMode", "File")
    channels = tuple(_parse_one(entry, default_mode) for entry in request.get("InputDataConfig", ()))
    names = [channel.name for channel in channels]
    if {".", ".."} & set(names):  # the service's pattern allows them; as folders they are others' names
        raise ValidationException("Channel names must not be '.' or '..'.")
    if len(set(names)) != len(names):
        raise ValidationException("Duplicate channel names in InputDataConfig. Channel names must be unique.")
    return channels


def _parse_one(entry: Mapping[str, Any], default_mode: str) -> Channel:
    name = entry["ChannelName"]
    source = entry["DataSource"].get("S3DataSource")
    if source is None:
        given = next(iter(entry["DataSource"]), None)
        if given is None:
            raise ValidationException(f"No data source is given for channel {name}.")
        raise NotImplementedOperation(f"InputDataConfig DataSource.{given} is not implemented.")
    mode = entry.get("InputMode", default_mode)
    unbuilt = {
        f"TrainingInputMode {mode}": mode not in ("File", "FastFile"),
        f"S3DataType {source['S3DataType']}": source["S3DataType"] not in ("S3Prefix", "ManifestFile"),
        "CompressionType Gzip": entry.get("CompressionType", "None") != "None",
        "RecordWrapperType RecordIO": entry.get("RecordWrapperType", "None") != "None",
        "ShuffleConfig": "ShuffleConfig" in entry,
        "AttributeNames": bool(source.get("AttributeNames")),
        "InstanceGroupNames": bool(source.get("InstanceGroupNames")),
        "HubAccessConfig": "HubAccessConfig" in source,
        "ModelAccessConfig": "ModelAccessConfig" in source,
    }
    for member, present in unbuilt.items():
        if present:
            raise NotImplementedOperation(f"InputDataConfig {member} is not implemented.")
    uris.split(source["S3Uri"])
    distribution = source.get("S3DataDistributionType", "FullyReplicated")
    return Channel(name, source["S3Uri"], source["S3DataType"], distribution, mode, entry.get("ContentType"))


async def require_objects(
    objects: Objects, principal: Principal, channel: Channel, region: str, role_arn: str
) -> None:
    """Check, as AWS does at creation, that a channel names at least one object.

    Raises:
        ValidationException: With AWS's wording.
    """
    bucket, key = uris.split(channel.uri)
    try:
        async for _ in objects.list_objects(principal, bucket, key):
            return
    except AccessDenied as error:
        raise ValidationException(error.message) from None
    except NoSuchObject:
        pass
    raise ValidationException(
        f'No S3 objects found under S3 URL "{channel.uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({region}), that objects exist under that S3 prefix, and "
        f'that the role "{role_arn}" has "s3:ListBucket" permissions on bucket "{bucket}".'
    )


class ChannelDownloads:
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
                    # Key order decides, as on AWS: object i goes to instance i mod n.
                    target = targets[index % len(targets)] / _checked(relative)
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
                    to = target / _checked(relative_path(prefix, summary.key))
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
            if not summary.key.endswith("/"):  # the console's markers of folders
                yield summary

    async def _manifest(self, channel: str, bucket: str, key: str) -> list[tuple[str, str, str]]:
        path = self._folder.root / f"manifest-{channel}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        await self._objects.download(self._principal, bucket, key, path)
        try:
            prefix_uri, names = await asyncio.to_thread(_parse_manifest, path)
        except ValueError as error:
            raise DownloadFailed(f"ClientError: Invalid manifest s3://{bucket}/{key}: {error}.") from None
        prefix_bucket, prefix = uris.split(prefix_uri)
        return [(prefix_bucket, prefix + name, name) for name in names]


def _parse_manifest(path: Path) -> tuple[str, list[str]]:
    """Return a manifest's prefix and the names below it: `[{"prefix": "s3://..."}, "name", ...]`.

    Raises:
        ValueError: It is none, or too large.
    """
    if path.stat().st_size > _MANIFEST_BYTES:
        raise ValueError(f"it has more than {_MANIFEST_BYTES} bytes")
    try:
        document = read_json(path.read_bytes())
    except NotJson as error:
        raise ValueError(f"it cannot be read as JSON: {error}") from None
    match document:
        case [{"prefix": str(prefix)}, *names] if all(isinstance(name, str) for name in names):
            return prefix, names
        case [{"prefix": str()}, *_]:
            raise ValueError("it lists something that is not a name")
    raise ValueError("no prefix is given")


def relative_path(prefix: str, key: str) -> str:
    """Return the path of an object within its channel.

    `a/train` and `a/train/` both bring `a/train/x.jpg` as `x.jpg`; `a/tr` brings it as `train/x.jpg`,
    and an object of exactly the prefix's name keeps its last component.
    """
    if not prefix or prefix.endswith("/"):
        return key[len(prefix) :]
    if key.startswith(prefix + "/"):
        return key[len(prefix) + 1 :]
    return key[prefix.rfind("/") + 1 :]


def _checked(relative: str) -> PurePosixPath:
    path = PurePosixPath(relative.lstrip("/"))
    too_long = any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in path.parts)
    if not path.parts or ".." in path.parts or "\0" in relative or too_long:
        raise DownloadFailed(f"ClientError: Data download failed:the key {relative!r} is not a file name")
    return path


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
