"""The contract of both kinds of volumes."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sagehen.executors.limits import room

_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,127}", re.ASCII)


class VolumeUnavailable(Exception):
    """A volume cannot be made or attached; the message says why."""


class VolumeInUse(Exception):
    """Programs of its machine have files of a volume open; the message says so."""


class PlaceUnfit(VolumeUnavailable):
    """Where a volume would be seen in its machine, that one has something else; the message says so."""


@dataclass(frozen=True, slots=True)
class Work:
    """What was done on a volume: bytes, and operations of its device."""

    bytes_read: int = 0
    bytes_written: int = 0
    reads: int = 0
    writes: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.bytes_read + other.bytes_read,
            self.bytes_written + other.bytes_written,
            self.reads + other.reads,
            self.writes + other.writes,
        )

    def __sub__(self, other: Work) -> Work:
        return Work(
            self.bytes_read - other.bytes_read,
            self.bytes_written - other.bytes_written,
            self.reads - other.reads,
            self.writes - other.writes,
        )


class Volume(Protocol):
    """One disk."""

    @property
    def file(self) -> Path | None:
        """The file that its file system is in; None where it is none of its own."""
        ...

    async def attach(self) -> Path:
        """Return the folder to mount in a machine, with what the volume holds.

        Raises:
            VolumeUnavailable
        """
        ...

    async def detach(self) -> None:
        """Take it off the host once the machine has it mounted, or did not start. Twice does no harm."""
        ...

    def work(self) -> Work | None:
        """Return what machines did on it, as far as this object knows; None where nobody counts. Blocks."""
        ...

    async def free(self) -> None:
        """Return once no machine that has ended holds it any longer.

        Raises:
            VolumeUnavailable: One still does.
        """
        ...

    async def overrun(self) -> str:
        """Return, once it holds too much, what to say of it; never where the kernel keeps it in bounds."""
        ...


class Volumes(Protocol):
    """Makes and removes volumes below one folder."""

    @property
    def enforced_by(self) -> str:
        """What keeps them in bounds, for people."""
        ...

    async def open(self, volume_id: str, size_mib: int) -> Volume:
        """Return a volume, made where there is none, grown where it is smaller.

        Raises:
            VolumeUnavailable
        """
        ...

    async def remove(self, volume_id: str) -> None:
        """Remove a volume that no machine has. None is fine."""
        ...

    async def keep_only(self, volume_ids: Collection[str]) -> None:
        """Remove all others, and take off the host what a killed life left there."""
        ...


def require_room(folder: Path) -> None:
    """Check that the host's disk has something left for who writes there. Blocking.

    Raises:
        VolumeUnavailable
    """
    if (free := room.free_mib(folder)) < room.FREE_TO_START_MIB:
        raise VolumeUnavailable(f"this machine's disk has {free} MiB left")


def require_id(volume_id: str) -> str:
    """Return an id that is to be a folder's name.

    Raises:
        ValueError: It could lead elsewhere.
    """
    if not _ID.fullmatch(volume_id):
        raise ValueError(f"{volume_id!r} is no volume's id")
    return volume_id
