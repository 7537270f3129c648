"""Data that nodes of a cluster get from S3 by themselves. Between who runs instances and the cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sagehen.domain.identity import Credentials
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Target


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object.

    Args:
        path: Where it lies below its folder: relative, with no way out of it.
    """

    bucket: str
    key: str
    path: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a folder has come to."""

    files: int
    size: int


class NodeGone(Exception):
    """A node is lost, with what it had."""

    def __init__(self, node: str) -> None:
        super().__init__(f"node {node} is lost")


class NodeData(Protocol):
    """Folders of objects on nodes."""

    async def fetch(
        self,
        node: str,
        place: Path,
        wanted: AsyncIterator[Wanted],
        credentials: Credentials,
        region: str,
        *,
        own: bool = False,
    ) -> Fetched:
        """Have a node make a folder of objects, by S3's own protocol.

        What is started there with a mount of `place` sees it, until it is let go.

        Args:
            place: A path here, of which there need be nothing: the folder's name.
            credentials: Of the role with whose rights they are read.
            region: In which requests are signed first.
            own: It is for one sandbox, which writes to it: one of its `SandboxSpec.left`.

        Raises:
            NoSuchObject, AccessDenied: As `Objects.download` raises them.
            FileExistsError: Two of them have one path, or one is a folder on the other's way.
            OSError: The node's disk is full (ENOSPC), or it does not reach S3.
            NodeGone
        """
        ...

    async def held(self, node: str, place: Path) -> Fetched | None:
        """Return what a folder on a node has come to; None where there is none, or a part of it.

        Raises:
            NodeGone
            TimeoutError: It is there, and does not answer.
        """
        ...

    async def unpack(
        self, node: str, place: Path, archive: Wanted, credentials: Credentials, region: str
    ) -> Fetched:
        """Have a node make a folder of a tar archive in S3, within the bounds and by the code of `archives`.

        Args:
            place, credentials, region: As of `fetch`.

        Raises:
            UnusableArchive: It is refused, or the node's disk is full while it is unpacked.
            NoSuchObject, AccessDenied, OSError, NodeGone: As `fetch`.
        """
        ...

    async def pipe(
        self,
        folder: Path,
        piped: Piped,
        entries: Path,
        keys: Callable[[], Awaitable[Credentials]],
        region: str,
        ended: asyncio.Event,
    ) -> None:
        """Have a node write a channel to its pipes in a folder, epoch after epoch.

        Args:
            folder: Where what runs there finds them, with a name of `SandboxSpec.pipes`.
            entries: A file here: `incoming.index` says of what.
            keys: Of the role; asked again while it goes on.
            ended: Set when nobody reads any more. Then the node confirms that it was there all the time:
                where a writer is killed, its reader sees an end, too.

        Raises:
            PipeFailed, NoSuchObject, AccessDenied, OSError: As where the platform writes to them.
            NodeGone: Also where what writes there is gone: nobody knows how much of an epoch was read.
        """
        ...

    async def store_changes(
        self, host: str, folder: Path, target: Target, credentials: Credentials, region: str, *, settled: bool
    ) -> int:
        """Have what changed in a folder stored, by S3's own protocol, from the node on which it lies.

        Args:
            host: The instance.
            folder: One of `SandboxSpec.left` of what runs or ran there, or below one.
            settled: Only files that nobody has just written to.

        Returns:
            How many files were stored.

        Raises:
            NoSuchObject, AccessDenied, TooMuch, OSError: As where the platform stores it.
            NodeGone
        """
        ...

    async def store_artifacts(
        self, hosts: Mapping[str, Path], target: ArtifactsTarget, credentials: Credentials, region: str
    ) -> list[str]:
        """Have what a training job's instances have left stored from the node on which all of them ran.

        Args:
            hosts: Of each, /opt/ml as a path here: one of `SandboxSpec.left`, with all below.

        Returns:
            What was left out, as lines for the job's log.

        Raises:
            NoSuchObject, AccessDenied, TooMuch, OSError: As where the platform stores it.
            NodeGone
        """
        ...

    async def let_go(self, below: Path) -> None:
        """Let nodes delete all folders whose places are below a path, and what was left there."""
        ...
