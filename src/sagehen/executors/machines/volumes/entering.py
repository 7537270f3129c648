"""What is done in the mount namespace of a machine that runs, by a process of its own. Root's.

    plug <namespace> <pid> <source> <target>    what lies at `source` on the host appears at `target` inside
    unplug <namespace> <pid> <device> <0 or 1>  what is mounted of a device no longer is; 1: though in use
    grow <namespace> <pid> <device>             the file system of a device takes all of it

`namespace` is a descriptor, `pid` of a process in it, `device` as `7:3`. Whoever is inside has made the
folders there: no link of his is followed, and a mount is found by its device, wherever he has moved it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import struct
import sys
from pathlib import Path

# From the kernel's headers: linux/mount.h, linux/fs.h, ext4's ioctl.h. One number on every architecture.
_SYS_OPEN_TREE, _SYS_MOVE_MOUNT, _SYS_MOUNT_SETATTR = 428, 429, 442
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _FROM_DESCRIPTOR, _TO_DESCRIPTOR = 1, 0x4, 0x40
_NOSUID, _NODEV, _MAPPED, _PRIVATE = 2, 4, 0x100000, 1 << 18
_NEWNS, _DETACH, _NOFOLLOW = 0x00020000, 2, 8
_EXT4_RESIZE = 0x40086610
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def plug(namespace: int, pid: int, source: str, target: str) -> None:
    """Let a folder of the host's appear inside, owned by who owns the machine's root."""
    tree = _check(
        _libc.syscall(
            _SYS_OPEN_TREE, _AT_FDCWD, os.fsencode(source), ctypes.c_uint(_OPEN_TREE_CLONE | os.O_CLOEXEC)
        ),
        "open_tree",
    )
    users = Path(f"/proc/{pid}/ns/user")
    mapped = users.readlink() != Path("/proc/self/ns/user").readlink()
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(users.open("rb")) if mapped else None
        attributes = struct.pack(
            "=QQQQ", _NOSUID | _NODEV | (_MAPPED if file else 0), 0, _PRIVATE, file.fileno() if file else 0
        )
        flags = ctypes.c_uint(_AT_EMPTY_PATH | _AT_RECURSIVE)
        _check(
            _libc.syscall(_SYS_MOUNT_SETATTR, tree, b"", flags, attributes, ctypes.c_size_t(len(attributes))),
            "mount_setattr",
        )
    _check(_libc.setns(namespace, _NEWNS), "setns")
    at = os.open("/", _FOLDER)
    # As who owns all there: where users are mapped, nothing of the host's root can be made.
    owner = os.fstat(at)
    _libc.setfsgid(owner.st_gid)
    _libc.setfsuid(owner.st_uid)
    for name in target.strip("/").split("/"):
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o755, dir_fd=at)
        at = os.open(name, _FOLDER, dir_fd=at)
    how = ctypes.c_uint(_FROM_DESCRIPTOR | _TO_DESCRIPTOR)
    _check(_libc.syscall(_SYS_MOVE_MOUNT, tree, b"", at, b"", how), "move_mount")


def unplug(namespace: int, pid: int, device: str, *, in_use: bool) -> None:
    """Take a device off; its mounts end, or, where they are in use, with the last use."""
    targets = mounts_of(Path(f"/proc/{pid}/mountinfo").read_bytes(), device)
    if not targets:
        raise OSError(errno.EINVAL, "it is not mounted in the machine")
    _check(_libc.setns(namespace, _NEWNS), "setns")
    for target in targets:
        _check(_libc.umount2(os.fsencode(target), _NOFOLLOW | (_DETACH if in_use else 0)), "umount")


def grow(namespace: int, pid: int, device: str) -> None:
    """Let an ext4 file system that is mounted take all of its device."""
    [target, *_] = mounts_of(Path(f"/proc/{pid}/mountinfo").read_bytes(), device) or [""]
    if not target:
        raise OSError(errno.EINVAL, "it is not mounted in the machine")
    sectors = int(Path(f"/sys/dev/block/{device}/size").read_text())
    _check(_libc.setns(namespace, _NEWNS), "setns")
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


def main(act: str, namespace: str, pid: str, *more: str) -> None:
    """Do what the words say; exit status 1 with a line on stderr where that fails, 2 where it is in use."""
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
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}\n")
        sys.exit(2 if error.errno == errno.EBUSY else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
