"""What a job leaves, as single files: OutputDataConfig.CompressionType NONE.

Merged as for an archive. A store of objects knows no links: a link to a file of the same folder is stored as
that file's content, a link to a folder is left out, as is an empty folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sagehen.archives.bounds import Bounds, Patience
from sagehen.archives.merging import Member, Merging
from sagehen.executors.folders.job import HostFolder, JobFolder


@dataclass(frozen=True, slots=True)
class LooseFile:
    """One file to be stored.

    Args:
        name: Below `output/`: `model/...` or `data/...`.
        path: Where it lies, below the host's /opt/ml; of a link, where that leads.
    """

    name: str
    host: HostFolder
    path: Path


def files(
    folder: JobFolder,
    hosts: Sequence[str],
    room: int,
    bounds: Bounds | None = None,
    patience: Patience | None = None,
) -> tuple[list[LooseFile], list[str]]:
    """Find what is to be stored. Blocking: run it in a thread.

    Args:
        room: Bytes that a name may have.
        bounds: Of all instances' content of one folder, for each instance.
        patience: Asked before every entry.

    Returns:
        The files, and lines for the job's log about what is left out.

    Raises:
        TooMuch: There is more than the bounds allow.
        Abandoned: Nobody waits for it any more.
    """
    machines = [folder.host(name) for name in hosts]
    merging = Merging(bounds or Bounds(), patience or Patience())
    found: list[LooseFile] = []
    for part, parts in (
        ("model", [(machine, machine.model) for machine in machines]),
        ("data", [(machine, machine.output_data) for machine in machines]),
    ):
        for member in merging.members(parts):
            merging.take(member)
            if member.kind != "folder" and (file := _file(merging, part, member, room)) is not None:
                found.append(file)
    return found, merging.notes()


def _file(merging: Merging, part: str, member: Member, room: int) -> LooseFile | None:
    """Return what is stored of a file or link; None, with a note, where that is nothing."""
    name = f"{part}/{member.name}"
    why = _fault(name, room)
    # The job has ended: nothing moves any more. Every way that leads out was left out before.
    # A link is looked at as seen from where it lies: its own words may name what is the host's.
    path = member.host.inside(member.path if member.link is None else member.path.parent / member.link)
    if why is None and (path is None or not stat.S_ISREG(path.lstat().st_mode)):
        why = "is a link to what is no file; left out"
    if why is None and member.kind == "file":
        try:
            os.close(member.entry.open())  # gives us the right to read it, where the job has taken that
        except OSError as error:
            why = f"cannot be read ({error.strerror}); left out"
    if why is not None or path is None:
        merging.leave_out(member.host, member.name, why or "is gone; left out")
        return None
    own = member.host.opt_ml
    return LooseFile(name, member.host, own / path.relative_to(own.resolve()))


def _fault(name: str, room: int) -> str | None:
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "is no name of an object: it is no UTF-8; left out"
    return "has a name too long for an object; left out" if size > room else None
