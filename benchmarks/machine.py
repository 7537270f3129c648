"""What the figures were taken on."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from pathlib import Path

_REPOSITORY = Path(__file__).parent.parent


def describe() -> str:
    """Return processor, cores, memory, kernel and Python, as one sentence."""
    cores = len(os.sched_getaffinity(0))
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {cores} cores, {memory_gib:.0f} GiB; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}."
    )


def moment() -> str:
    """Return commit, date, load and machine: what differs between the runs of two benchmarks."""
    now = datetime.datetime.now(datetime.UTC)
    return (
        f"Commit {_commit()}, {now:%Y-%m-%d %H:%M} UTC, load before it {os.getloadavg()[0]:.1f}; {describe()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _commit() -> str:
    def git(*words: str) -> str:
        result = subprocess.run(
            ["git", "-C", str(_REPOSITORY), *words], capture_output=True, text=True, check=False
        )
        return result.stdout.strip()

    if not (commit := git("rev-parse", "--short", "HEAD")):
        return "unknown"
    return commit + (" with changes" if git("status", "--porcelain", "--", "src") else "")
