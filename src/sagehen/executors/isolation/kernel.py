"""The few Linux calls that Python 3.11 does not wrap, by ctypes. Standard library only.

Used by the warm parent's children, which cannot exec bubblewrap without losing what was preloaded.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import signal
import socket
import struct
from collections.abc import Collection, Mapping

# From the kernel's headers: linux/sched.h, linux/mount.h, linux/prctl.h, linux/sockios.h.
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE, MS_SLAVE = 4096, 16384, 1 << 18, 1 << 19
MNT_DETACH = 2
_UMOUNT_NOFOLLOW = 8

MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
# One number on every architecture.
_SYS_OPEN_TREE, _SYS_MOVE_MOUNT, _SYS_FSOPEN, _SYS_FSCONFIG, _SYS_FSMOUNT = 428, 429, 430, 431, 432
_SYS_MOUNT_SETATTR = 442
_OPEN_TREE_CLONE, _AT_EMPTY_PATH, _MOVE_MOUNT_F_EMPTY_PATH, _MOUNT_ATTR_IDMAP = 1, 0x1000, 4, 0x100000
_CLOEXEC = {"tree": os.O_CLOEXEC, "fs": 1}
_FSCONFIG_SET_FLAG, _FSCONFIG_SET_STRING, _FSCONFIG_CREATE = 0, 1, 6
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}.get(platform.machine(), -1)

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME = 1, 4, 15
_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 22, 24, 38, 47

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFMTU = 0x8916, 0x891C, 0x8922
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x1, 0x1000  # <linux/if_tun.h>

_CAP_SYS_ADMIN = 21  # linux/capability.h

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _text(text: str) -> bytes:
    """Return text as C reads it: behind a NUL, ctypes would silently leave the rest away."""
    if "\0" in text:
        raise ValueError(f"{text[:100]!r} holds a NUL")
    return text.encode("utf-8", "surrogateescape")


def unshare(flags: int) -> None:
    """Put this thread (for NEWPID: its children) into new namespaces."""
    _check(_libc.unshare(flags), "unshare")


def setns(fd: int, kind: int) -> None:
    """Join the namespace that `fd` refers to."""
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """Mount as mount(2) does, in the present mount namespace.

    Raises:
        OSError: The kernel refuses; the text names source and target.
    """
    result = _libc.mount(_text(source), _text(target), _text(kind), ctypes.c_ulong(flags), _text(options))
    _check(result, f"mount {source} on {target}")


def restrict_mount(target: str, attributes: int, *, below: bool = True) -> None:
    """Add attributes (read-only, nosuid, nodev) to a mount and, unless told otherwise, all below it."""
    attr = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if below else 0
    result = _libc.syscall(
        _SYS_MOUNT_SETATTR, _AT_FDCWD, _text(target), flags, attr, ctypes.c_size_t(len(attr))
    )
    _check(result, f"mount_setattr {target}")


def mapped_mount(source: str, namespace: int | None, *, apart: bool = False) -> int:
    """Return a descriptor of a new mount of a folder whose owners are counted as a user namespace has them.

    What 0 owns on the disk is that namespace's root's. It is not attached to anything yet.

    Args:
        namespace: A descriptor; None: owners are as they are, and nothing is setuid.
        apart: Whether what is mounted below it, or below the folder, is not seen in both.

    Raises:
        OSError: The file system cannot (Linux 5.12), or it is not root's to decide.
    """
    flags = ctypes.c_uint(_OPEN_TREE_CLONE | _CLOEXEC["tree"])
    fd = _libc.syscall(_SYS_OPEN_TREE, _AT_FDCWD, _text(source), flags)
    _check(fd, f"open_tree {source}")
    propagation = MS_PRIVATE if apart else 0
    # What is setuid there is so for that namespace alone.
    added, taken = _MOUNT_ATTR_IDMAP | MOUNT_ATTR_NODEV, MOUNT_ATTR_NOSUID
    if namespace is None:
        added, taken = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0
    attr = struct.pack("=QQQQ", added, taken, propagation, namespace or 0)
    result = _libc.syscall(
        _SYS_MOUNT_SETATTR, fd, b"", ctypes.c_uint(_AT_EMPTY_PATH), attr, ctypes.c_size_t(len(attr))
    )
    _check(result, f"mount_setattr of owners {source}")
    return int(fd)


def move_mount(fd: int, target: str) -> None:
    """Attach a mount that is not attached, and close its descriptor."""
    result = _libc.syscall(
        _SYS_MOVE_MOUNT, fd, b"", _AT_FDCWD, _text(target), ctypes.c_uint(_MOVE_MOUNT_F_EMPTY_PATH)
    )
    _check(result, f"move_mount to {target}")
    os.close(fd)


def overlay(options: Mapping[str, str], attributes: int) -> int:
    """Return a descriptor of a new overlay that keeps its own marks where any user may.

    Args:
        options: Of the file system.
        attributes: Of the mount.

    Raises:
        OSError: The kernel refuses (user namespaces: Linux 5.11).
    """
    fs = _libc.syscall(_SYS_FSOPEN, b"overlay", ctypes.c_uint(_CLOEXEC["fs"]))
    _check(fs, "fsopen overlay")
    try:
        for name, value in options.items():
            result = _libc.syscall(
                _SYS_FSCONFIG, fs, ctypes.c_uint(_FSCONFIG_SET_STRING), _text(name), _text(value), 0
            )
            _check(result, f"overlay {name}")
        _check(
            _libc.syscall(_SYS_FSCONFIG, fs, ctypes.c_uint(_FSCONFIG_SET_FLAG), b"userxattr", None, 0),
            "overlay userxattr",
        )
        _check(_libc.syscall(_SYS_FSCONFIG, fs, ctypes.c_uint(_FSCONFIG_CREATE), None, None, 0), "an overlay")
        made = _libc.syscall(_SYS_FSMOUNT, fs, ctypes.c_uint(_CLOEXEC["fs"]), ctypes.c_uint(attributes))
        _check(made, "fsmount overlay")
        return int(made)
    finally:
        os.close(fs)


def unmount(target: str, *, in_use: bool = True) -> None:
    """Take off what is mounted, at once for whoever looks there.

    Args:
        in_use: Whether who has files open there keeps these.

    Raises:
        OSError: EBUSY: somebody has, and may not.
    """
    flags = _UMOUNT_NOFOLLOW | (MNT_DETACH if in_use else 0)
    _check(_libc.umount2(_text(target), flags), f"umount {target}")


def act_as(uid: int, gid: int) -> None:
    """Be another user where files are concerned, with his rights there and no other's (setfsuid(2))."""
    _libc.setfsgid(gid)
    _libc.setfsuid(uid)


def pivot_into(root: str) -> None:
    """Make `root` (a mount point) this mount namespace's root and forget the old one."""
    os.chdir(root)
    # Old and new root on one spot: the old one is on top and detached at once (pivot_root(2)).
    _check(_libc.syscall(_SYS_PIVOT_ROOT, b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", MNT_DETACH), "umount of the old root")
    os.chdir("/")


def set_hostname(name: str) -> None:
    """Set the host name of the present UTS namespace: 64 bytes at most.

    Raises:
        OSError: It is longer, or not ours to set.
    """
    encoded = _text(name)
    _check(_libc.sethostname(encoded, ctypes.c_size_t(len(encoded))), "sethostname")


def die_with_parent(parent: int | None = None) -> None:
    """Be killed when the thread that forked this process ends; at once where `parent` is gone already."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def set_dumpable(dumpable: bool) -> None:
    """Tell whether processes of the same uid may look into this one."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, int(dumpable), 0, 0, 0), "PR_SET_DUMPABLE")


def set_process_name(name: str) -> None:
    """Set what `ps` and `top` call this thread; the kernel keeps 15 bytes of it."""
    _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def drop_bounding_set(kept: Collection[int] = ()) -> None:
    """Give up every other capability for good, also for whatever is executed later."""
    _libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    for capability in range(64):
        if capability in kept:
            continue
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # beyond the last one that this kernel knows


def clear_capabilities(kept: Collection[int] = ()) -> None:
    """Empty the permitted, effective and inheritable sets of this process, but for `kept` in the former two.

    Args:
        kept: Numbers below 32.
    """
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3: two sets of 32 bits
    mask = sum(1 << capability for capability in kept)
    _check(_libc.capset(header, struct.pack("=IIIIII", mask, mask, 0, 0, 0, 0)), "capset")


def become_root_of(namespace: int) -> None:
    """Enter a user namespace of which this process's user is the host's root, as its root."""
    setns(namespace, CLONE_NEWUSER)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def make_user_namespace(first: int, count: int) -> int:
    """Return a descriptor of a new user namespace in which 0 and those behind it are `first` and so on here.

    It is `first`'s, not this process's: what its users have of what the kernel counts for each user, such as
    inotify's instances and signals that wait, counts for its owner too, and would be used up for the host's
    root and for all others' (user_namespaces(7), /proc/sys/user).

    Raises:
        OSError: The kernel refuses; who is not root may not give so many.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            os.setegid(first)
            os.seteuid(first)  # which puts this right down, but does not give it up
            clear_capabilities((_CAP_SYS_ADMIN,))
            unshare(CLONE_NEWUSER)
            # Who is another user could only take it with CAP_SYS_PTRACE.
            socket.send_fds(theirs, [b"!"], [os.open("/proc/self/ns/user", os.O_RDONLY | os.O_CLOEXEC)])
            theirs.recv(1)
        finally:
            os._exit(0)
    theirs.close()
    try:
        with ours:
            _, fds, _, _ = socket.recv_fds(ours, 1, 1, socket.MSG_CMSG_CLOEXEC)
            if not fds:
                raise OSError("no user namespace")
            for name in ("uid_map", "gid_map"):
                fd = os.open(f"/proc/{pid}/{name}", os.O_WRONLY)
                try:
                    os.write(fd, f"0 {first} {count}".encode())
                finally:
                    os.close(fd)
            return fds[0]
    finally:
        os.waitpid(pid, 0)


def no_new_privileges() -> None:
    """Give up setuid programs and file capabilities for good: what a filter asks of who is no root."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")


def install_seccomp(program: bytes) -> None:
    """Load a classic BPF filter (8-byte instructions) for this process and its children."""
    code = ctypes.create_string_buffer(program, len(program))

    class FilterProgram(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    argument = FilterProgram(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
    _check(_libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(argument), 0, 0), "PR_SET_SECCOMP")


def bring_loopback_up() -> None:
    """Bring `lo` up in the present network namespace."""
    bring_up("lo")


def bring_up(name: str, mtu: int | None = None) -> None:
    """Bring a device of the present network namespace up, with packets of so many bytes at most."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        label = name.encode()
        if mtu is not None:
            fcntl.ioctl(probe, _SIOCSIFMTU, struct.pack("16si12x", label, mtu))
        request = struct.pack("16sH14x", label, 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(probe, _SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", label, flags | _IFF_UP))


def make_tun(descriptor: int, name: str) -> None:
    """Make an open /dev/net/tun the far end of a device of the present network namespace, without headers."""
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))


def add_loopback_address(number: int, address: str) -> None:
    """Let an IPv4 address be `lo`'s too, under the label `lo:<number>`, alone in its network.

    Raises:
        OSError: It is no such address, or not ours to add.
    """
    add_address(f"lo:{number}", address, "255.255.255.255")


def add_address(label: str, address: str, netmask: str) -> None:
    """Give a device of the present network namespace an IPv4 address.

    Args:
        label: The device's name; of a second address with a colon and a number.

    Raises:
        OSError: It is no such address, or not ours to add.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for call, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, netmask)):
            # struct sockaddr_in behind the name, as in netdevice(7).
            inner = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(value))
            fcntl.ioctl(probe, call, struct.pack("16s16s8x", label.encode(), inner))


def write_id_maps(inner_uid: int, inner_gid: int, outer_uid: int, outer_gid: int) -> None:
    """Map one user and one group into the user namespace just made by `unshare`."""
    # Without CAP_SETGID outside, the kernel wants setgroups closed before a gid map.
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{inner_uid} {outer_uid} 1"),
        ("gid_map", f"{inner_gid} {outer_gid} 1"),
    ):
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(fd, content.encode())
        finally:
            os.close(fd)
