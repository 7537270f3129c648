"""Cgroup folders and the files in them: reading, naming, finding our own, removing."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

CGROUP_ROOT = Path("/sys/fs/cgroup")


def cgroups_of(pid: int | None = None) -> dict[str, str]:
    """Return controller -> path of a process's cgroup; the key of v2 is empty. Nothing where it is gone.

    Args:
        pid: None: our own.
    """
    found: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{'self' if pid is None else pid}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            found.update(dict.fromkeys(controllers.split(","), path))
    return found


def folder_name(name: str) -> str:
    """Return a sandbox's name as one folder: slashes and dots of its own would lead elsewhere."""
    return quote(name, safe="")


def remove_cgroup(folder: Path, patience_s: float = 1.0) -> None:
    """Kill what is in a cgroup and remove it with everything below. Absent is fine."""
    deadline = time.monotonic() + patience_s
    while folder.is_dir():
        for inner in folder.iterdir():
            if inner.is_dir():
                remove_cgroup(inner, patience_s)
        with contextlib.suppress(OSError):
            for pid in (folder / "cgroup.procs").read_text().split():
                # 0 stands for a process of an outer pid namespace; killing 0 would kill ourselves.
                if int(pid) > 0 and int(pid) != os.getpid():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
        try:
            folder.rmdir()
        except OSError:  # processes just killed are still counted until they are reaped
            if time.monotonic() > deadline:
                return
            time.sleep(0.005)


def remove_cgroups(folders: Iterable[Path]) -> None:
    """Do as `remove_cgroup` for each."""
    for folder in folders:
        remove_cgroup(folder)


def words_of(file: Path) -> set[str]:
    """Return the words of a file; none where it is gone."""
    try:
        return set(file.read_text().split())
    except OSError:
        return set()


def number_in(file: Path) -> int:
    """Return the number that a file holds; 0 where it is gone or says `max`."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0


def counters_in(file: Path) -> dict[str, int]:
    """Parse a file of `name number` lines; empty where it is gone."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
