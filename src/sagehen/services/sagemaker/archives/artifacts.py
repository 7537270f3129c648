"""What a job leaves: every instance's /opt/ml/model in one model.tar.gz, output/data in output.tar.gz.

AWS merges the folders of all instances, and files of the same name collide. Here the first host in
order (`algo-1`) wins, and the job's log names each file of another host that was left out. Files
with equal content do not collide. What cannot be stored is left out and named; it never costs the rest.
That holds for what an endpoint could not unpack as well: links out of the folder, and files below a name
that is a file or a link on the first host. A link that names its target from the root (`/opt/ml/model/a`)
is stored as seen from where it lies.
"""

from __future__ import annotations

import filecmp
import os
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from sagehen.executors.folders.job import HostFolder, JobFolder
from sagehen.services.sagemaker.archives.bounds import GIB, Bounds, Patience, TooMuch
from sagehen.services.sagemaker.archives.tar import leads_out
from sagehen.services.sagemaker.archives.tree_walk import Entry, entries, shown

# Weights hardly compress; level 1 takes a fifth of the time of the default.
_GZIP_LEVEL = 1
# A log in which a million files are named says no more than one that names these.
_NAMED = 100


def build(
    folder: JobFolder, hosts: Sequence[str], bounds: Bounds | None = None, patience: Patience | None = None
) -> list[str]:
    """Write both archives (the output's only where there is output). Blocking: run it in a thread.

    Args:
        bounds: Of all instances' content of one archive, for each instance.
        patience: Asked before every piece.

    Returns:
        What was left out, as lines for the job's log.

    Raises:
        TooMuch: There is more than the bounds allow.
        Abandoned: Nobody waits for it any more.
    """
    folder.artifacts.mkdir(parents=True, exist_ok=True)
    machines = [folder.host(name) for name in hosts]
    packing = _Packing(bounds or Bounds(), patience or Patience())
    packing.merge(folder.model_archive, [(machine, machine.model) for machine in machines])
    outputs = [(machine, machine.output_data) for machine in machines]
    if any(_has_output(machine) for machine in machines):
        packing.merge(folder.output_archive, outputs)
    return packing.notes()


def _has_output(machine: HostFolder) -> bool:
    output = machine.inside(machine.output_data)
    return output is not None and any(not entry.is_folder for entry in entries(output))


@dataclass(slots=True)
class _Taken:
    """What is in the archive under a name: where it came from, to compare it with another host's."""

    kind: str
    link: str | None
    host: HostFolder
    path: Path


class _Packing:
    """Writes archives of several hosts' folders."""

    def __init__(self, bounds: Bounds, patience: Patience) -> None:
        self._bounds = bounds
        self._patience = patience
        self._lost: list[str] = []
        self._unnamed = 0
        self._inodes: dict[tuple[int, int], str] = {}

    def notes(self) -> list[str]:
        more = [f"{self._unnamed} more are left out"] if self._unnamed else []
        return [*self._lost, *more]

    def merge(self, archive: Path, parts: Sequence[tuple[HostFolder, Path]]) -> None:
        """Write one archive of several folders' content."""
        taken: dict[str, _Taken] = {}
        self._inodes.clear()
        partial = archive.with_suffix(".partial")
        with tarfile.open(partial, "w:gz", compresslevel=_GZIP_LEVEL) as tar:
            for machine, folder in parts:
                root = machine.inside(folder)
                if root is not None:
                    inside = PurePosixPath("/opt/ml", folder.relative_to(machine.opt_ml))
                    self._add_all(tar, machine, root, inside, taken)
        partial.replace(archive)

    def _add_all(
        self,
        tar: tarfile.TarFile,
        machine: HostFolder,
        root: Path,
        inside: PurePosixPath,
        taken: dict[str, _Taken],
    ) -> None:
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
            self._add(tar, machine, root, _as_relative(entry, inside), taken)

    def _first_name(self, entry: Entry) -> str:
        """Return under which name the archive has an entry's content: files may have several."""
        if entry.found is None or entry.link is not None or entry.found.st_nlink == 1:
            return entry.name
        return self._inodes.setdefault((entry.found.st_dev, entry.found.st_ino), entry.name)

    def _add(
        self,
        tar: tarfile.TarFile,
        machine: HostFolder,
        root: Path,
        entry: Entry,
        taken: dict[str, _Taken],
    ) -> None:
        name, host = entry.name, machine.root.name
        if entry.left_out is not None or entry.found is None:
            self._leave_out(f"{host}: {shown(name)} {entry.left_out}; left out")
            return
        above = [str(each) for each in PurePosixPath(name).parents if str(each) in taken]
        if any(taken[each].kind != "folder" for each in above):
            self._leave_out(
                f"{host}: {shown(name)} lies below what is no folder on the first instance; left out"
            )
            return
        kind = "link" if entry.link is not None else "folder" if entry.is_folder else "file"
        mine = _Taken(kind, entry.link, machine, root / name)
        if name in taken:
            if not _same(taken[name], mine):
                self._leave_out(
                    f"{host}: {shown(name)} exists on more than one instance; "
                    "the file of the first instance is kept"
                )
            return
        member = _member(entry, kind)
        if kind == "file" and (first := self._first_name(entry)) != name and first in taken:
            member.type, member.linkname, member.size = tarfile.LNKTYPE, first, 0
            tar.addfile(member)
        elif kind != "file":
            tar.addfile(member)
        else:
            try:
                file = entry.open()
            except OSError as error:
                self._leave_out(f"{host}: {shown(name)} cannot be read ({error.strerror}); left out")
                return
            with os.fdopen(file, "rb") as content:
                tar.addfile(member, _Patient(content, self._patience))  # type: ignore[arg-type]
        taken[name] = mine

    def _leave_out(self, line: str) -> None:
        if len(self._lost) < _NAMED:
            self._lost.append(line)
        else:
            self._unnamed += 1


class _Patient:
    """A file whose reader gives up when nobody waits any more."""

    def __init__(self, file: BinaryIO, patience: Patience) -> None:
        self._file = file
        self._patience = patience

    def read(self, size: int) -> bytes:
        self._patience.check()
        return self._file.read(size)


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


def _member(entry: Entry, kind: str) -> tarfile.TarInfo:
    """Describe an entry: without the host's user names and ids. Links stay links."""
    assert entry.found is not None
    member = tarfile.TarInfo(entry.name)
    member.type = {"link": tarfile.SYMTYPE, "folder": tarfile.DIRTYPE, "file": tarfile.REGTYPE}[kind]
    member.mode = entry.found.st_mode & 0o7777
    member.mtime = entry.found.st_mtime
    member.size = entry.found.st_size if kind == "file" else 0
    member.linkname = entry.link or ""
    member.uname = member.gname = "root"
    return member


def _same(first: _Taken, second: _Taken) -> bool:
    if first.kind != second.kind or first.link != second.link:
        return False
    if first.kind != "file":
        return True
    try:
        return filecmp.cmp(first.path, second.path, shallow=False)
    except OSError:  # a path too long, or rights that were not given back: then they count as different
        return False
