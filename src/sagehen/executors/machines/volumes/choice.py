"""Which kind of volumes this machine lets us have, found out by trying."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from sagehen.executors.machines.volumes.folders import FolderVolumes
from sagehen.executors.machines.volumes.images import ImageVolumes
from sagehen.executors.machines.volumes.volume import Volumes

_TOOLS = ("mkfs.ext4", "mount", "umount", "e2fsck", "resize2fs")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TRIAL_TIMEOUT_S = 10
_TRIAL_BYTES = 2 * 1024 * 1024


def chosen_volumes(folder: Path) -> Volumes:
    """Return the strongest kind. The first call tries to mount: some 50 ms, blocking."""
    return ImageVolumes(folder) if can_mount_images() else FolderVolumes(folder)


def enforced_by() -> str:
    """Return what keeps volumes in bounds here, for people."""
    return (ImageVolumes if can_mount_images() else FolderVolumes).enforced_by


@cache
def can_mount_images() -> bool:
    """Tell whether a file can be made a file system and mounted: a container's root often may not."""
    if os.geteuid() != 0 or not all(shutil.which(tool, path=_SYSTEM_PATH) for tool in _TOOLS):
        return False
    with tempfile.TemporaryDirectory(prefix="sagehen-probe-") as made:
        image, at = Path(made, "disk"), Path(made, "at")
        at.mkdir()
        with image.open("wb") as stream:
            stream.truncate(_TRIAL_BYTES)
        works = _works("mkfs.ext4", "-q", "-F", str(image)) and _works(
            "mount", "-o", "loop", str(image), str(at)
        )
        # What stays mounted could not be removed either.
        return works and _works("umount", "-l", str(at))


def _works(*command: str) -> bool:
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_TRIAL_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL,
            env={"PATH": _SYSTEM_PATH}, cwd="/",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
