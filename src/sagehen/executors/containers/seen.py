"""What a keeper sees of the host: a Python, and what that needs of the system. No image's user sees it."""

from __future__ import annotations

import sys
from pathlib import Path

from sagehen.executors.base import Mount
from sagehen.executors.isolation.view import system_steps

_LOADER = "/etc/ld.so.cache"


def keeper_view() -> list[Mount]:
    """Return what is mounted, read-only. Links of the root (`/lib` to `usr/lib`) become folders."""
    mounts = []
    for step in system_steps():
        if step.kind in ("ro", "symlink") and (not step.target.startswith("/etc/") or step.target == _LOADER):
            mounts.append(Mount(Path(step.target).resolve(), step.target))
    for prefix in dict.fromkeys((Path(sys.base_prefix), Path(sys.base_exec_prefix))):
        if prefix != Path("/") and not prefix.is_relative_to("/usr"):
            mounts.append(Mount(prefix, str(prefix)))
    return mounts


def keeper_command() -> list[str]:
    """Return what starts Python there: the interpreter itself, not a virtual environment's link to it."""
    return [str(Path(sys.executable).resolve())]
