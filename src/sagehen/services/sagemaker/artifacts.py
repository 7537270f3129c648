"""What a job leaves: every instance's /opt/ml/model in one model.tar.gz, output/data in output.tar.gz.

AWS merges the folders of all instances, and files of the same name collide. Here the first host in
order (`algo-1`) wins, and the job's log names each file of another host that was left out. Files
with equal content do not collide.
"""

from __future__ import annotations

import filecmp
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from sagehen.executors.job_folder import HostFolder, JobFolder
from sagehen.services.sagemaker.tar_archive import MAX_DEPTH

# Weights hardly compress; level 1 takes a fifth of the time of the default.
_GZIP_LEVEL = 1


def build(folder: JobFolder, hosts: Sequence[str]) -> list[str]:
    """Write both archives (the output's only where there is output). Blocking: run it in a thread.

    Returns:
        What was left out, as lines for the job's log.
    """
    folder.artifacts.mkdir(parents=True, exist_ok=True)
    machines = [folder.host(name) for name in hosts]
    lost = _merge(folder.model_archive, [(machine, machine.model) for machine in machines])
    outputs = [(machine, machine.output_data) for machine in machines]
    if any(_has_output(machine) for machine in machines):
        lost += _merge(folder.output_archive, outputs)
    return lost


def _has_output(machine: HostFolder) -> bool:
    output = machine.inside(machine.output_data)
    return output is not None and any(not path.is_dir() or path.is_symlink() for path, _ in _content(output))


def _merge(archive: Path, parts: Sequence[tuple[HostFolder, Path]]) -> list[str]:
    """Write one archive of several folders' content."""
    lost: list[str] = []
    taken: dict[str, Path] = {}
    partial = archive.with_suffix(".partial")
    with tarfile.open(partial, "w:gz", compresslevel=_GZIP_LEVEL) as tar:
        for machine, folder in parts:
            root = machine.inside(folder)
            if root is None or not root.is_dir():
                continue
            for path, depth in _content(root):
                name = path.relative_to(root).as_posix()
                if depth > MAX_DEPTH:
                    lost.append(f"{machine.root.name}: what lies {depth} folders deep is left out")
                elif _is_special(path):
                    lost.append(f"{machine.root.name}: {name} is not a file, folder or link; left out")
                elif name not in taken:
                    taken[name] = path
                    # Links are stored as links: what they point to stays where it is.
                    tar.add(path, arcname=name, recursive=False, filter=_anonymous)
                elif not _same(taken[name], path):
                    lost.append(
                        f"{machine.root.name}: {name} exists on more than one instance; "
                        "the file of the first instance is kept"
                    )
    partial.replace(archive)
    return lost


def _content(folder: Path, depth: int = 0) -> Iterator[tuple[Path, int]]:
    """Yield all paths below `folder` with their depth, and go one folder deeper than will be stored."""
    for path in sorted(folder.iterdir()):
        yield path, depth + 1
        if path.is_dir() and not path.is_symlink() and depth < MAX_DEPTH:
            yield from _content(path, depth + 1)


def _is_special(path: Path) -> bool:
    return not (path.is_symlink() or path.is_dir() or path.is_file())


def _same(first: Path, second: Path) -> bool:
    if first.is_symlink() or second.is_symlink():
        return first.is_symlink() and second.is_symlink() and first.readlink() == second.readlink()
    if first.is_dir() or second.is_dir():
        return first.is_dir() and second.is_dir()
    return filecmp.cmp(first, second, shallow=False)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Take the host's user names and ids out of the archive."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member
