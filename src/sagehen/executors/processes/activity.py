"""What the processes of a sandbox read, write, send and receive, by the kernel's own counters of them.

Read from outside, by the pid of the sandbox's first process: /proc/PID/io of it and its descendants, and
/proc/PID/net/dev of its network namespace.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.limits.cgroup_files import CGROUP_ROOT, cgroups_of
from sagehen.executors.limits.descendants import descendants

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Activity:
    """Cumulative counters.

    Args:
        read_bytes: From disks; what comes out of the page cache is none.
        written_bytes: To disks.
        received_bytes: Of the network namespace, which instances of a job share; None where it is the
            machine's own.
        sent_bytes: As well.
        stalled_s: How long at least one process waited for a disk; None where the kernel does not say.
    """

    read_bytes: int
    written_bytes: int
    received_bytes: int | None = None
    sent_bytes: int | None = None
    stalled_s: float | None = None


class ActivityReader:
    """Reads one sandbox's activity again and again; its counters never go backwards.

    Args:
        pid: The host's pid of its first process.
        own_network: Whether its network namespace is its job's alone.
    """

    def __init__(self, pid: int, *, own_network: bool) -> None:
        self._pid = pid
        self._own_network = own_network
        self._before: dict[int, tuple[int, int]] = {}
        self._read = self._written = 0
        self._pressure = _pressure_file(pid)

    def read(self) -> Activity:
        """Return the counters as of now. Blocks for a millisecond or so. Never raises."""
        now = {pid: counters for pid in descendants(self._pid) if (counters := _io(pid)) is not None}
        for pid, (read, written) in now.items():
            # What a process did since the last look and took to its end is lost; a pid used anew starts at 0.
            before = self._before.get(pid, (0, 0))
            self._read += max(0, read - before[0])
            self._written += max(0, written - before[1])
        self._before = now
        received, sent = _network(self._pid) if self._own_network else (None, None)
        return Activity(self._read, self._written, received, sent, _stalled(self._pressure))


def _io(pid: int) -> tuple[int, int] | None:
    """Return bytes (read from, written to) disks by a process (proc(5), /proc/PID/io)."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        lines = (_PROC / str(pid) / "io").read_text().splitlines()
        values = dict(line.split(": ") for line in lines)
        return int(values["read_bytes"]), int(values["write_bytes"])
    return None


def _network(pid: int) -> tuple[int | None, int | None]:
    """Return bytes (received, sent) by all interfaces of a process's network namespace."""
    received = sent = 0
    try:
        for line in (_PROC / str(pid) / "net/dev").read_text().splitlines()[2:]:
            numbers = line.partition(":")[2].split()
            received += int(numbers[0])
            sent += int(numbers[8])
    except (OSError, ValueError, IndexError):
        return None, None
    return received, sent


def _pressure_file(pid: int) -> Path | None:
    """Return where the kernel counts stalls: of the sandbox's cgroup (v2), else of the whole machine."""
    path = cgroups_of(pid).get("", "/").lstrip("/")
    if path and (file := CGROUP_ROOT / path / "io.pressure").is_file():
        return file
    machine = _PROC / "pressure/io"
    return machine if machine.is_file() else None


def _stalled(file: Path | None) -> float | None:
    """Return the seconds of `some ... total=<us>` (the kernel's psi.rst)."""
    if file is not None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            first = file.read_text().splitlines()[0]
            return int(first.rsplit("total=", 1)[1]) / 1e6
    return None
