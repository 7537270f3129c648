"""Merging: the folders of several hosts as one, and what of them cannot be stored, with the reason.

Files of one name collide: the first host in order wins, unless both are equal. What is left out is named for
the job's log, and never costs the rest.
"""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sagehen.archives.bounds import GIB, Bounds, Patience, TooMuch
from sagehen.archives.tar import leads_out
from sagehen.archives.tree_walk import Entry, entries, shown
from sagehen.executors.folders.job import HostFolder

# A log in which a million files are named says no more than one that names these.
_NAMED = 100


@dataclass(frozen=True, slots=True)
class Member:
    """What stands under one name.

    Args:
        kind: `file`, `folder` or `link`.
        link: Where a link leads, as seen from where it lies.
        host: Where it came from.
        path: Its own.
        entry: As it was found; opened before the next one is asked for.
    """

    kind: str
    link: str | None
    host: HostFolder
    path: Path
    entry: Entry

    @property
    def name(self) -> str:
        return self.entry.name


class Merging:
    """Merges folders, and remembers what it left out.

    Args:
        bounds: Of one host's content.
        patience: Asked before every entry.
    """

    def __init__(self, bounds: Bounds, patience: Patience) -> None:
        self._bounds = bounds
        self._patience = patience
        self._lost: list[str] = []
        self._unnamed = 0
        self._inodes: dict[tuple[int, int], str] = {}
        self._taken: dict[str, Member] = {}

    def notes(self) -> list[str]:
        """Return what was left out, as lines for the job's log."""
        more = [f"{self._unnamed} more are left out"] if self._unnamed else []
        return [*self._lost, *more]

    def leave_out(self, host: HostFolder, name: str, why: str) -> None:
        """Note that something is not stored."""
        if len(self._lost) < _NAMED:
            self._lost.append(f"{host.root.name}: {shown(name)} {why}")
        else:
            self._unnamed += 1

    def members(self, parts: Sequence[tuple[HostFolder, Path]]) -> Iterator[Member]:
        """Yield what the folders hold together; a member that is stored must be told to `take`.

        Raises:
            TooMuch: There is more than the bounds allow.
            Abandoned: Nobody waits for it any more.
        """
        self._taken.clear()
        self._inodes.clear()
        for machine, folder in parts:
            root = machine.inside(folder)
            if root is not None:
                inside = PurePosixPath("/opt/ml", folder.relative_to(machine.opt_ml))
                yield from self._of_host(machine, root, inside)

    def take(self, member: Member) -> None:
        """Say that a member is stored: its name is taken."""
        self._taken[member.name] = member

    def earlier_name(self, member: Member) -> str | None:
        """Return under which other name a file's content is stored already; None where it is not."""
        first = self._first_name(member.entry)
        return first if first != member.name and first in self._taken else None

    def _of_host(self, machine: HostFolder, root: Path, inside: PurePosixPath) -> Iterator[Member]:
        size = 0
        for number, entry in enumerate(entries(root), 1):
            self._patience.check()
            if entry.found and not entry.is_folder and self._first_name(entry) == entry.name:
                size += entry.found.st_size
            if size > self._bounds.size or number > self._bounds.entries:
                raise TooMuch(
                    f"{machine.root.name} has more than the {self._bounds.size // GIB} GB (holes of files "
                    f"counted) or {self._bounds.entries} files that its volume has room for"
                )
            member = self._member(machine, root, _as_relative(entry, inside))
            if member is not None:
                yield member

    def _first_name(self, entry: Entry) -> str:
        """Return under which name an entry's content is stored: files may have several."""
        if entry.found is None or entry.link is not None or entry.found.st_nlink == 1:
            return entry.name
        return self._inodes.setdefault((entry.found.st_dev, entry.found.st_ino), entry.name)

    def _member(self, machine: HostFolder, root: Path, entry: Entry) -> Member | None:
        """Return an entry as a member, or None where its name is taken or it cannot be stored."""
        name, taken = entry.name, self._taken
        if entry.left_out is not None or entry.found is None:
            self.leave_out(machine, name, f"{entry.left_out}; left out")
            return None
        above = [str(each) for each in PurePosixPath(name).parents if str(each) in taken]
        if any(taken[each].kind != "folder" for each in above):
            self.leave_out(machine, name, "lies below what is no folder on the first instance; left out")
            return None
        kind = "link" if entry.link is not None else "folder" if entry.is_folder else "file"
        mine = Member(kind, entry.link, machine, root / name, entry)
        if name not in taken:
            return mine
        if not _same(taken[name], mine):
            self.leave_out(
                machine, name, "exists on more than one instance; the file of the first instance is kept"
            )
        return None


def _as_relative(entry: Entry, inside: PurePosixPath) -> Entry:
    """Return an entry as every endpoint unpacks it: a link leads from where it lies to below the top.

    Args:
        inside: Where the job saw the top.
    """
    if entry.link is None or entry.left_out is not None:
        return entry
    link, name = entry.link, PurePosixPath(entry.name)
    if link.startswith("/"):
        link = os.path.relpath(link, inside / name.parent)
    if leads_out(name, link):
        return replace(entry, left_out=f"is a link that leads outside, to {shown(entry.link)}")
    return replace(entry, link=link)


def _same(first: Member, second: Member) -> bool:
    if first.kind != second.kind or first.link != second.link:
        return False
    if first.kind != "file":
        return True
    try:
        return filecmp.cmp(first.path, second.path, shallow=False)
    except OSError:  # a path too long, or rights that were not given back: then they count as different
        return False
