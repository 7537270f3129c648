"""Downloads: a job's channels, source and checkpoints, from S3 into its folder, many objects at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from sagehen.archives.bounds import MAX_ENTRIES
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.executors.folders.job import JobFolder
from sagehen.incoming.index import Entry
from sagehen.incoming.order import Share, order
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.entries import Entries
from sagehen.services.sagemaker.transfers.failures import DownloadFailed, as_failure
from sagehen.services.sagemaker.transfers.names import file_path, relative_path
from sagehen.services.sagemaker.transfers.views.views import Views

# Objects come from this machine. Large ones queue for its disk; small ones are written in batches of
# as many as are under way.
_PARALLEL_DOWNLOADS = 64


# From a bucket and key to a file.
Get = Callable[[str, str, Path], Awaitable[object]]
# Begins with an object; waits until there is room for one more.
Take = Callable[[Entry], Awaitable[None]]


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
        self._entries = Entries(objects, principal, folder)
        self._made: set[Path] = set()

    async def bring(self, channel: Channel, hosts: Sequence[str], views: Views | None = None) -> None:
        """Bring a channel in for all hosts that get it.

        Args:
            views: Shows what jobs see through a mount that nobody writes through. None: there is none.

        Raises:
            DownloadFailed: With the reason as AWS words it.
        """
        targets = [self._folder.channel(channel.name, host) for host in hosts]
        if not channel.is_sharded:
            targets = [self._folder.channel(channel.name)]
        await self._share_out(
            channel, targets, self._download if views is None else partial(self._show, views)
        )

    async def bring_to(self, channel: Channel, targets: Sequence[Path], room: int) -> None:
        """Share a channel's objects out to folders.

        Args:
            targets: Of several, each gets a part of the objects.
            room: Bytes that they may be together.

        Raises:
            DownloadFailed: Also where they are more.
        """
        left = room

        async def get(bucket: str, key: str, target: Path) -> None:
            nonlocal left
            summary = await self._objects.download(self._principal, bucket, key, target)
            left -= summary.size
            if left < 0:
                raise _too_much(channel.uri, room)

        await self._share_out(channel, targets, get)

    async def _share_out(self, channel: Channel, targets: Sequence[Path], get: Get) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                takers = [await self._taker(group, target, get) for target in targets]
                place = 0
                async for entry in self.ordered(channel):
                    # Object i goes to instance i mod n. AWS promises about 1/n each.
                    await takers[place % len(takers)](entry)
                    place += 1
        except (ExceptionGroup, OSError) as error:
            raise as_failure(error) from None

    async def taker(self, group: asyncio.TaskGroup, target: Path, views: Views | None = None) -> Take:
        """Return what begins to bring one object after the other into a folder.

        Args:
            group: Of the downloads; its errors are for `as_failure`.
            views: See `bring`.
        """
        get = self._download if views is None else partial(self._show, views)
        return await self._taker(group, target, get)

    async def _taker(self, group: asyncio.TaskGroup, target: Path, get: Get) -> Take:
        await asyncio.to_thread(target.mkdir, parents=True, exist_ok=True)

        async def take(entry: Entry) -> None:
            await self._begin(group, get, entry.bucket, entry.key, target / target_of(entry.relative))

        return take

    async def ordered(self, channel: Channel) -> AsyncIterator[Entry]:
        """Yield a channel's objects in the order in which they are shared out.

        Raises:
            DownloadFailed
            NoSuchObject, AccessDenied
        """
        if channel.seed is None or not channel.is_sharded:  # files have no order that a job could see
            async for entry in self._entries.of(channel):
                if channel.is_view:
                    require_whole_folder(channel, entry)
                yield entry
            return
        index = await self._entries.index(channel)
        numbers = await asyncio.to_thread(order, len(index), channel.seed, 0, Share())
        with index.open() as file:
            for number in numbers:
                yield index.entry(file, number)

    async def within(self, channel: Channel, room: int) -> AsyncIterator[Entry]:
        """Yield a channel's objects as `ordered` does, which others are going to get.

        Args:
            room: Bytes that they may be together.

        Raises:
            DownloadFailed: Also where they are more.
            NoSuchObject, AccessDenied
        """
        left = room
        async for entry in self.ordered(channel):
            summary, _ = await self._objects.read(self._principal, entry.bucket, entry.key)
            left -= summary.size
            if left < 0:
                raise _too_much(channel.uri, room)
            yield entry

    async def fetch(self, uri: str, to: Path) -> None:
        """Download one object.

        Raises:
            DownloadFailed: With the reason as AWS words it.
        """
        bucket, key = uris.split(uri)
        try:
            async with self._slots:
                await self._get(self._download, bucket, key, to)
        except (AccessDenied, NoSuchObject, OSError) as error:
            raise as_failure(error) from None

    async def bring_prefix(self, uri: str, target: Path, room: int) -> None:
        """Download all objects under a prefix, none being no fault (checkpoints of an earlier attempt).

        Args:
            room: Bytes that they may be together.

        Raises:
            DownloadFailed: Also where they are more.
        """
        try:
            async with asyncio.TaskGroup() as group:
                async for entry in self.below(uri, room):
                    to = target / target_of(entry.relative)
                    await self._begin(group, self._download, entry.bucket, entry.key, to)
        except (ExceptionGroup, OSError) as error:
            raise as_failure(error) from None

    async def below(self, uri: str, room: int) -> AsyncIterator[Entry]:
        """Yield all objects under a prefix.

        Args:
            room: Bytes that they may be together.

        Raises:
            DownloadFailed: There are more of them than anybody looks at, or it is too much.
            NoSuchObject, AccessDenied
        """
        bucket, prefix = uris.split(uri.rstrip("/") + "/")
        size = count = 0
        async for summary in self._entries.below(bucket, prefix):
            size, count = size + summary.size, count + 1
            if count > MAX_ENTRIES:
                raise DownloadFailed(
                    f"ClientError: Data download failed:{uri} has more than {MAX_ENTRIES} objects"
                )
            if size > room:
                raise _too_much(uri, room)
            yield Entry(bucket, summary.key, relative_path(prefix, summary.key))

    async def _begin(self, group: asyncio.TaskGroup, get: Get, bucket: str, key: str, target: Path) -> None:
        """Begin a download once there is room for one: a prefix may hold millions of objects."""
        await self._slots.acquire()
        task = group.create_task(self._get(get, bucket, key, target))
        task.add_done_callback(lambda _: self._slots.release())

    async def _get(self, get: Get, bucket: str, key: str, target: Path) -> None:
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        await get(bucket, key, target)

    async def _download(self, bucket: str, key: str, target: Path) -> None:
        await self._objects.download(self._principal, bucket, key, target)

    async def _show(self, views: Views, bucket: str, key: str, target: Path) -> None:
        summary, is_there = await self._objects.link(self._principal, bucket, key, target)
        if not is_there and not await views.put_off(bucket, summary, target):
            await self._download(bucket, key, target)


def require_whole_folder(channel: Channel, entry: Entry) -> None:
    """Refuse a FastFile channel whose URI ends within a folder's name.

    Documented (How SageMaker provides training information); when AWS notices it is not known.

    Raises:
        DownloadFailed
    """
    _, prefix = uris.split(channel.uri)
    if prefix and not prefix.endswith("/") and entry.key != prefix and entry.key[len(prefix)] != "/":
        raise DownloadFailed(
            f"ClientError: Data download failed:the S3Uri {channel.uri} of channel {channel.name} ends "
            "within the name of a folder or an object, which FastFile does not support; end it with a slash"
        )


def _too_much(uri: str, room: int) -> DownloadFailed:
    return DownloadFailed(
        f"ClientError: Data download failed:what is under {uri} is more than the {room // 1024**3} GB that "
        "the volume has room for"
    )


def target_of(relative: str) -> PurePosixPath:
    """Return where an object lands below its channel.

    Raises:
        DownloadFailed: No file can have that name.
    """
    try:
        return file_path(relative)
    except ValueError as error:
        raise DownloadFailed(f"ClientError: Data download failed:{error}") from None
