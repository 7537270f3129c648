"""The system's tools for file systems, run with a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from pathlib import Path

from sagehen.executors.machines.volumes.volume import VolumeUnavailable, Work

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SECTOR_BYTES = 512  # whatever the device's own are
# Nothing of the platform's own.
ENVIRONMENT = {"PATH": _SYSTEM_PATH, "LANG": "C.UTF-8"}
# Of a check and a growth of terabytes; an ordinary one takes less than a second.
_PATIENCE_S = 300.0
# Where the kernel itself does not let it go, nobody waits for it.
_CUT_OFF_PATIENCE_S = 30.0


async def run(*command: str, fine: tuple[int, ...] = (0,), lends: tuple[int, ...] = ()) -> int:
    """Run a tool, and return its exit code. Who is cancelled meanwhile goes when it has ended: nothing is
    mounted behind his back.

    Args:
        fine: Exit codes that are no failure.
        lends: Descriptors that it has under the same numbers.

    Raises:
        VolumeUnavailable: It failed, is missing, or took too long.
    """
    running = asyncio.ensure_future(asyncio.to_thread(_run, command, fine, lends))
    try:
        return await asyncio.shield(running)
    finally:
        await asyncio.wait({running}, timeout=_CUT_OFF_PATIENCE_S)
        running.add_done_callback(lambda done: done.exception())


def _run(command: tuple[str, ...], fine: tuple[int, ...], lends: tuple[int, ...]) -> int:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE_S, check=False,
            stdin=subprocess.DEVNULL, env=ENVIRONMENT, cwd="/",
            pass_fds=lends,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VolumeUnavailable(f"{Path(command[0]).name}: {error}") from error
    if done.returncode not in fine:
        words = done.stderr.strip().splitlines()
        why = words[-1] if words else f"exit code {done.returncode}"
        raise VolumeUnavailable(f"{Path(command[0]).name}: {why}")
    return done.returncode


def has_loop_device(file: Path) -> bool:
    """Tell whether a file is, or is still, the back of a loop device."""
    return loop_device(file) is not None


def loop_device(file: Path) -> Path | None:
    """Return the folder of /sys/block of the loop device that has a file behind it."""
    wanted = os.fsencode(file.resolve())
    for entry in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):
            if entry.read_bytes().rstrip(b"\n") == wanted:
                return entry.parent.parent
    return None


def loop_device_work(file: Path) -> Work | None:
    """Return what was ever done on the loop device of a file (Documentation/block/stat.rst)."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        if (device := loop_device(file)) is not None:
            numbers = [int(word) for word in (device / "stat").read_text().split()[:7]]
            return Work(numbers[2] * _SECTOR_BYTES, numbers[6] * _SECTOR_BYTES, numbers[0], numbers[4])
    return None


def mounted_below(folder: Path) -> list[Path]:
    """Return what is mounted below a folder, the deepest first."""
    found = []
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        # Documented: proc_pid_mountinfo(5); spaces and their like are octal there.
        target = Path(os.fsdecode(line.split()[4].decode("unicode_escape").encode("latin-1")))
        if target.is_relative_to(folder):
            found.append(target)
    return sorted(found, key=lambda path: len(path.parts), reverse=True)
