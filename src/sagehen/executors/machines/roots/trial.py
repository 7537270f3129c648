"""Tries to be a machine's root in a process of its own: ends with 0 where this kernel allows it.

Run as `python -m sagehen.executors.machines.roots.trial <empty folder>`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sagehen.executors.base import OWN_USERS
from sagehen.executors.folders.ownership import host_ranges
from sagehen.executors.isolation import kernel
from sagehen.executors.isolation.layers import Users, open_layers
from sagehen.executors.isolation.steps import Step

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_IMAGE_BYTES = 4 * 1024 * 1024


def main() -> None:
    """Mount an overlay over /usr, and write there."""
    folder = Path(sys.argv[1])
    place, base, own = folder / "place", folder / "base", folder / "own.json"
    place.mkdir()
    base.mkdir()
    own.write_text(json.dumps({"folders": [["bin"]], "links": [], "files": [], "texts": []}))
    users = None
    if os.geteuid() == 0:
        users = Users(kernel.make_user_namespace(host_ranges().lend(), OWN_USERS), 0)
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", "none", kernel.MS_REC | kernel.MS_SLAVE)
        _mount_image(folder / "image", place)
    else:
        uid, gid = os.getuid(), os.getgid()
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
        kernel.write_id_maps(0, 0, uid, gid)
    for name in ("upper", "work"):
        (place / name).mkdir()
    step = Step("layers", "/usr", str(place), layers=(str(own), "/usr"))
    kernel.move_mount(open_layers([step], str(base), users)["/usr"], str(base))
    base.chmod(0o755)
    os.chdir(base)
    if users is not None:
        kernel.become_root_of(users.namespace)
    Path("bin/sagehen-trial").write_text("")
    Path("bin/env").unlink()


def _mount_image(image: Path, at: Path) -> None:
    """Mount a file system like a machine's disk; this process's end takes it off."""
    with image.open("wb") as stream:
        stream.truncate(_IMAGE_BYTES)
    for command in (("mkfs.ext4", "-q", "-F", image), ("mount", "-o", "loop,nosuid,nodev", image, at)):
        subprocess.run(command, check=True, env={"PATH": _SYSTEM_PATH}, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
