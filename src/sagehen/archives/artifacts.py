"""What a job leaves: every instance's /opt/ml/model in one model.tar.gz, output/data in output.tar.gz.

AWS merges the folders of all instances, and files of the same name collide. Here the first host in
order (`algo-1`) wins, and the job's log names each file of another host that was left out. Files
with equal content do not collide. What cannot be stored is left out and named; it never costs the rest.
That holds for what an endpoint could not unpack as well: links out of the folder, and files below a name
that is a file or a link on the first host. A link that names its target from the root (`/opt/ml/model/a`)
is stored as seen from where it lies.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from sagehen.archives.bounds import Bounds, Patience
from sagehen.archives.merging import Member, Merging
from sagehen.archives.tree_walk import entries
from sagehen.executors.folders.job import HostFolder, JobFolder

# Weights hardly compress; level 1 takes a fifth of the time of the default.
_GZIP_LEVEL = 1


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
    patience = patience or Patience()
    merging = Merging(bounds or Bounds(), patience)
    _pack(merging, folder.model_archive, [(machine, machine.model) for machine in machines], patience)
    outputs = [(machine, machine.output_data) for machine in machines]
    if any(_has_output(machine) for machine in machines):
        _pack(merging, folder.output_archive, outputs, patience)
    return merging.notes()


def _has_output(machine: HostFolder) -> bool:
    output = machine.inside(machine.output_data)
    return output is not None and any(not entry.is_folder for entry in entries(output))


def _pack(
    merging: Merging, archive: Path, parts: Sequence[tuple[HostFolder, Path]], patience: Patience
) -> None:
    """Write one archive of several folders' content."""
    partial = archive.with_suffix(".partial")
    with tarfile.open(partial, "w:gz", compresslevel=_GZIP_LEVEL) as tar:
        for member in merging.members(parts):
            _add(tar, merging, member, patience)
    partial.replace(archive)


def _add(tar: tarfile.TarFile, merging: Merging, member: Member, patience: Patience) -> None:
    info = _info(member)
    if member.kind == "file" and (earlier := merging.earlier_name(member)) is not None:
        info.type, info.linkname, info.size = tarfile.LNKTYPE, earlier, 0
        tar.addfile(info)
    elif member.kind != "file":
        tar.addfile(info)
    else:
        try:
            file = member.entry.open()
        except OSError as error:
            merging.leave_out(member.host, member.name, f"cannot be read ({error.strerror}); left out")
            return
        with os.fdopen(file, "rb") as content:
            tar.addfile(info, _Patient(content, patience))  # type: ignore[arg-type]
    merging.take(member)


class _Patient:
    """A file whose reader gives up when nobody waits any more."""

    def __init__(self, file: BinaryIO, patience: Patience) -> None:
        self._file = file
        self._patience = patience

    def read(self, size: int) -> bytes:
        self._patience.check()
        return self._file.read(size)


def _info(member: Member) -> tarfile.TarInfo:
    """Describe a member: without the host's user names and ids. Links stay links."""
    found = member.entry.found
    assert found is not None
    info = tarfile.TarInfo(member.name)
    info.type = {"link": tarfile.SYMTYPE, "folder": tarfile.DIRTYPE, "file": tarfile.REGTYPE}[member.kind]
    info.mode = found.st_mode & 0o7777
    info.mtime = found.st_mtime
    info.size = found.st_size if member.kind == "file" else 0
    info.linkname = member.link or ""
    info.uname = info.gname = "root"
    return info
