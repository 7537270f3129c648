"""What is done in the mount namespace of a machine that runs, by a process of its own. Root's.

    plug <namespace> <pid> <source> <target>    what lies at `source` on the host appears at `target` inside
    unplug <namespace> <pid> <device> <0 or 1>  what is mounted of a device no longer is; 1: though in use
    grow <namespace> <pid> <device>             the file system of a device takes all of it

`namespace` is a descriptor, `pid` of a process in it, `device` as `7:3`. Whoever is inside has made the
folders there: no link of his is followed, and a mount is found by its device, wherever he has moved it. Once
inside, paths are his: nothing is imported any more, and the process ends without the interpreter's own ways.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
import sys
from pathlib import Path
from typing import NoReturn

from sagehen.executors.isolation import kernel

_EXT4_RESIZE = 0x40086610  # EXT4_IOC_RESIZE_FS of ext4's ioctl.h
IN_USE, UNFIT = 2, 3
_CODES = {errno.EBUSY: IN_USE, errno.ELOOP: UNFIT, errno.ENOTDIR: UNFIT}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def _enter(namespace: int) -> None:
    sys.meta_path.clear()  # a module that were looked for there would run with all rights of the host
    sys.path.clear()
    kernel.setns(namespace, kernel.CLONE_NEWNS)


def plug(namespace: int, pid: int, source: str, target: str) -> None:
    """Let a folder of the host's appear inside, owned by who owns the machine's root."""
    users = Path(f"/proc/{pid}/ns/user")
    if users.readlink() == Path("/proc/self/ns/user").readlink():
        tree = kernel.mapped_mount(source, None, apart=True)
    else:
        with users.open("rb") as file:
            tree = kernel.mapped_mount(source, file.fileno(), apart=True)
    _enter(namespace)
    at = os.open("/", _FOLDER)
    # As who owns all there: where users are mapped, nothing of the host's root can be made.
    owner = os.fstat(at)
    kernel.act_as(owner.st_uid, owner.st_gid)
    for name in target.strip("/").split("/"):
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o755, dir_fd=at)
        at = os.open(name, _FOLDER, dir_fd=at)
    os.fchdir(at)
    kernel.move_mount(tree, ".")


def unplug(namespace: int, pid: int, device: str, *, in_use: bool) -> None:
    """Take a device off; its mounts end, or, where they are in use, with the last use."""
    targets = mounts_of(Path(f"/proc/{pid}/mountinfo").read_bytes(), device)
    if not targets:
        raise OSError(errno.EINVAL, "it is not mounted in the machine")
    _enter(namespace)
    for target in targets:
        kernel.unmount(target, in_use=in_use)


def grow(namespace: int, pid: int, device: str) -> None:
    """Let an ext4 file system that is mounted take all of its device."""
    [target, *_] = mounts_of(Path(f"/proc/{pid}/mountinfo").read_bytes(), device) or [""]
    if not target:
        raise OSError(errno.EINVAL, "it is not mounted in the machine")
    sectors = int(Path(f"/sys/dev/block/{device}/size").read_text())
    _enter(namespace)
    at = os.open(target, _FOLDER)
    found = os.fstat(at).st_dev
    if f"{os.major(found)}:{os.minor(found)}" != device:
        raise OSError(errno.EINVAL, "it is not what is mounted there")
    blocks = sectors * 512 // os.fstatvfs(at).f_bsize
    fcntl.ioctl(at, _EXT4_RESIZE, struct.pack("=Q", blocks))


def mounts_of(mountinfo: bytes, device: str) -> list[str]:
    """Return where a device is mounted, the deepest first; see proc_pid_mountinfo(5)."""
    found = []
    for line in mountinfo.splitlines():
        words = line.split(b" ")
        if len(words) > 4 and words[2] == device.encode():
            found.append(os.fsdecode(words[4].decode("unicode_escape").encode("latin-1")))
    return sorted(found, key=lambda path: path.count("/"), reverse=True)


def main(act: str, namespace: str, pid: str, *more: str) -> NoReturn:
    """Do what the words say.

    Exit status 1 with a line on stderr where that fails, `IN_USE`, `UNFIT`: where it goes is no folder.
    """
    code = 1
    try:
        match act, more:
            case "plug", (source, target):
                plug(int(namespace), int(pid), source, target)
            case "unplug", (device, in_use):
                unplug(int(namespace), int(pid), device, in_use=in_use == "1")
            case "grow", (device,):
                grow(int(namespace), int(pid), device)
            case _:
                raise ValueError(act)
        code = 0
    except OSError as error:
        os.write(2, f"{error.strerror or error}\n".encode("utf-8", "replace"))
        code = _CODES.get(error.errno or 0, 1)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}\n".encode())
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
