"""Which kind of root the machines of this host may have, found out by trying."""

from __future__ import annotations

import enum
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from sagehen.executors.machines.volumes.choice import can_mount_images

_TRIAL = "sagehen.executors.machines.roots.trial"
_TRIAL_TIMEOUT_S = 20


class RootKind(enum.Enum):
    """Who root is inside, and what is writable; the value is for people."""

    MANY = "writable everywhere, with users of their own"
    ONE = "writable everywhere, all users are one"
    NONE = "/usr is read-only, all users are one"


@cache
def root_kind() -> RootKind:
    """Return what the kernel lets us have. Blocking: a process is started, some 200 ms."""
    wanted = RootKind.ONE
    if os.geteuid() == 0:
        if not can_mount_images():  # of files on the host's disk, what is setuid would be so for all
            return RootKind.NONE
        wanted = RootKind.MANY
    with tempfile.TemporaryDirectory(prefix="sagehen-probe-") as made:
        try:
            done = subprocess.run(
                [sys.executable, "-m", _TRIAL, made], capture_output=True, check=False, cwd="/",
                timeout=_TRIAL_TIMEOUT_S, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return RootKind.NONE
    return wanted if done.returncode == 0 else RootKind.NONE


def remembered_kind(folder: Path) -> RootKind:
    """Return `root_kind()`, tried once for each start of this computer. Blocking.

    Args:
        folder: Exists; the answer is written there.
    """
    file = folder / "root.json"
    now = [Path("/proc/sys/kernel/random/boot_id").read_text().strip(), os.geteuid(), sys.executable]
    try:
        known = json.loads(file.read_text())
        if known["of"] == now:
            return RootKind[known["kind"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    kind = root_kind()
    file.write_text(json.dumps({"of": now, "kind": kind.name}))
    return kind
