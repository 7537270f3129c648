"""What the executor writes down before and after it starts a process, and how it finds it again."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sagehen.executors.base import ExitStatus, SandboxSpec

_log = logging.getLogger(__name__)
_RECORD = "sandbox.json"
# Before the name of a file that is being written: no name that is quoted begins so.
_UNFINISHED = "%new-"


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process that cannot be confused with a later one of the same pid.

    Args:
        pid: On the host.
        started: Clock ticks since boot (field 22 of /proc/<pid>/stat).
        boot_id: The kernel's id of this boot.
    """

    pid: int
    started: int
    boot_id: str

    @classmethod
    def of(cls, pid: int) -> ProcessMark | None:
        """Return the mark of a living process, or None."""
        started = start_time(pid)
        return None if started is None else cls(pid, started, boot_id())

    def is_alive(self) -> bool:
        """Tell whether that very process still is, also as a zombie."""
        return self.boot_id == boot_id() and start_time(self.pid) == self.started


class Intentions:
    """The records of everything started and not yet known to have ended.

    `<folder>/running/<name>` holds the path of a sandbox's own folder; there `sandbox.json` tells
    what was meant to run, then as what it runs, then how it ended.
    """

    def __init__(self, folder: Path) -> None:
        self._index = folder / "running"
        self._index.mkdir(parents=True, exist_ok=True)
        for entry in self._index.glob(f"{_UNFINISHED}*"):  # killed while it wrote: nothing was started yet
            entry.unlink(missing_ok=True)

    def intend(self, spec: SandboxSpec, at: str) -> None:
        """Write what is about to be started. Values of variables stay out: they hold credentials."""
        record: dict[str, Any] = {
            "name": spec.name,
            "intended_at": at,
            "command": list(spec.command),
            "environment": sorted(spec.environment),
            # The last: whether its owner was changed.
            "mounts": [
                [str(mount.source), mount.target, mount.writable and not spec.has_own_users]
                for mount in spec.mounts
            ],
            "limits": asdict(spec.limits),
            "network": spec.network.name if spec.network else None,
            "processes": [],
        }
        spec.folder.mkdir(parents=True, exist_ok=True)
        _write(spec.folder / _RECORD, record)
        _write_text(self._entry(spec.name), str(spec.folder.absolute()))

    def started(self, spec: SandboxSpec, pids: Iterable[int], cgroups: Iterable[Path]) -> None:
        """Add the processes and cgroups that must be gone before this sandbox is over."""
        marks = [ProcessMark.of(pid) for pid in pids]
        record = _read(spec.folder / _RECORD)
        record["processes"] = [asdict(mark) for mark in marks if mark is not None]
        record["cgroups"] = [str(folder) for folder in cgroups]
        _write(spec.folder / _RECORD, record)

    def ended(self, spec: SandboxSpec, status: ExitStatus | None) -> None:
        """Write how it ended (None: it never started) and forget it.

        Where that cannot be written, on a full disk, it has ended all the same: the next life looks again.
        """
        try:
            if spec.folder.is_dir():
                record = _read(spec.folder / _RECORD)
                record["exit"] = asdict(status) if status else None
                _write(spec.folder / _RECORD, record)
            self._entry(spec.name).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the end of %s could not be written: %s", spec.name, error)

    def left_over(self) -> dict[str, dict[str, Any]]:
        """Return name -> record of everything that an earlier life has not seen the end of."""
        found = {}
        for entry in self._index.iterdir():
            if not entry.name.startswith(_UNFINISHED):
                folder = entry.read_text()
                found[unquote(entry.name)] = {**_read(Path(folder) / _RECORD), "folder": folder}
        return found

    def forget(self, name: str) -> None:
        """Drop a record of an earlier life; its `sandbox.json` stays in its folder."""
        self._entry(name).unlink(missing_ok=True)

    def _entry(self, name: str) -> Path:
        return self._index / quote(name, safe="")


def end_processes(record: dict[str, Any], patience_s: float = 5.0) -> None:
    """Kill a record's processes where they still are what was recorded, and wait for their end."""
    marks = [ProcessMark(**mark) for mark in record.get("processes", [])]
    deadline = time.monotonic() + patience_s
    for mark in marks:
        if mark.is_alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(mark.pid, signal.SIGKILL)
    while any(mark.is_alive() and not _is_zombie(mark.pid) for mark in marks):
        if time.monotonic() > deadline:
            return
        time.sleep(0.01)


def boot_id() -> str:
    """Return the kernel's id of this boot; '' where it tells none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot, or None where there is none."""
    fields = _stat_fields(pid)
    return int(fields[19]) if fields else None


def _is_zombie(pid: int) -> bool:
    fields = _stat_fields(pid)
    return bool(fields) and fields[0] == "Z"


def _stat_fields(pid: int) -> list[str]:
    """Return /proc/<pid>/stat from its third field on: the second may hold spaces and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(file: Path, content: dict[str, Any]) -> None:
    _write_text(file, json.dumps(content, indent=1))


def _write_text(file: Path, text: str) -> None:
    """Replace a file so that a reader after a crash sees the old or the new one, never half."""
    new = file.with_name(f"{_UNFINISHED}{file.name}")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as stream:
        stream.write(text)
    new.replace(file)
