"""The system calls that a sandboxed process has, as a seccomp filter built by hand.

A second wall behind namespaces and dropped capabilities: some calls have been the usual way into
kernel bugs, and what a socket of some families reaches (AF_VSOCK: the hypervisor) is in no namespace.
An allow-list: the calls of Linux 6.10 without those that are refused below. A refused one answers
EPERM, so that programs which only probe for it go on; one that later kernels may add answers ENOSYS,
so that libraries fall back to what they used before.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Sequence

# Numbers from the kernel's tables: name -> (x86_64, aarch64), None where an architecture has no such call.
_REFUSED = {
    "ptrace": (101, 117),
    "syslog": (103, 116),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "quotactl": (179, 60),
    "clock_settime": (227, 112),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "quotactl_fd": (443, 443),
    "kcmp": (312, 272),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
}
# First and last number of what Linux 6.10 (mseal) has; what is between has never been assigned.
_KNOWN = (((0, 334), (424, 462)), ((0, 243), (260, 294), (424, 462)))
_SOCKET, _SOCKETPAIR = (41, 198), (53, 199)
_IOCTL, _FCNTL, _PERSONALITY = (16, 29), (72, 25), (135, 92)
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
# Any, ICMP, TCP, UDP, ICMPv6, MPTCP: for others the kernel would load a module.
_IP_PROTOCOLS = (0, 1, 6, 17, 58, 262)
# Routes (getaddrinfo), socket statistics (ss), device events (udev); their right to change is another's.
_NETLINK_PROTOCOLS = (0, 4, 15)
# TIOCSTI types into a terminal, TIOCLINUX pastes into the console: both as its owner.
_TERMINAL_INPUT = (0x5412, 0x541C)
# F_SETLEASE: whoever opens the file next, such as the platform, waits for the lease to end, 45 s and more.
_LEASES = (1024,)
# Linux, 32 bits, their combinations with UNAME26, and "tell me": as container engines allow them.
_PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
# chown, fchown, lchown, fchownat: aarch64 has the second and the last.
_GIVING = ((92, None), (93, 55), (94, None), (260, 54))
_CLONE = (56, 220)
_CLONE3 = 435
# Every CLONE_NEW* flag: namespaces are made before the user's code runs, never by it.
_NAMESPACE_FLAGS = 0x7E020000
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _RETURN = 0x20, 0x06
_JUMP_EQUAL, _JUMP_GREATER, _JUMP_GREATER_EQUAL, _JUMP_SET = 0x15, 0x25, 0x35, 0x45
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32_BIT = 0x40000000


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)


def _refuse(number: int) -> bytes:
    return _instruction(_RETURN, _ERRNO | number)


_PASS = _instruction(_RETURN, _ALLOW)


def system_call_filter(machine: str | None = None, *, one_user: bool = False) -> bytes | None:
    """Return the filter as BPF instructions, or None on an architecture whose numbers we do not list.

    Args:
        machine: As `platform.machine()` spells it; this machine's where None.
        one_user: Root has no other user to give files to: `chown` does nothing and says that it did, so that
            archives unpack as they do for a root.
    """
    architecture = _ARCHITECTURES.get(machine or platform.machine())
    if architecture is None:
        return None
    column, audit_arch = architecture
    program = [
        _instruction(_LOAD, 4),  # seccomp_data.arch
        _instruction(_JUMP_EQUAL, audit_arch, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, 0),  # seccomp_data.nr
        _instruction(_JUMP_GREATER_EQUAL, _X32_BIT, 0, 1),  # the x32 numbers would walk around the list
        _refuse(errno.EPERM),
    ]
    by_arguments: dict[int | None, list[bytes]] = {
        _CLONE[column]: _clone(),
        _CLONE3: [_refuse(errno.ENOSYS)],  # hides its flags behind a pointer: libc falls back to clone
        _SOCKET[column]: _socket(),
        _SOCKETPAIR[column]: _only(0, (_AF_UNIX,), errno.EAFNOSUPPORT),
        _IOCTL[column]: _all_but(1, _TERMINAL_INPUT),
        _FCNTL[column]: _all_but(1, _LEASES),
        _PERSONALITY[column]: _only(0, _PERSONALITIES, errno.EPERM),
    }
    if one_user:
        by_arguments |= {calls[column]: [_refuse(0)] for calls in _GIVING if calls[column] is not None}
    for number, block in by_arguments.items():
        assert number is not None
        program += [_instruction(_JUMP_EQUAL, number, 0, len(block)), *block]
    refused = {numbers[column] for numbers in _REFUSED.values()} - {None}
    for first, last in _ranges(column, refused):
        program += [
            _instruction(_JUMP_GREATER_EQUAL, first, 0, 2),
            _instruction(_JUMP_GREATER, last, 1, 0),
            _PASS,
        ]
    for number in sorted(number for number in refused if number is not None):
        program += [_instruction(_JUMP_EQUAL, number, 0, 1), _refuse(errno.EPERM)]
    return b"".join([*program, _refuse(errno.ENOSYS)])


def _ranges(column: int, refused: set[int | None]) -> list[tuple[int, int]]:
    """Return first and last number of each run of allowed calls."""
    runs: list[tuple[int, int]] = []
    for first, last in _KNOWN[column]:
        for number in range(first, last + 1):
            if number in refused:
                continue
            if runs and runs[-1][1] == number - 1:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
    return runs


def _argument(place: int) -> bytes:
    """Load the low half of an argument: all that the kernel looks at in an int."""
    return _instruction(_LOAD, 16 + 8 * place)


def _only(place: int, allowed: Sequence[int], otherwise: int) -> list[bytes]:
    """Allow a call where an argument has one of these values."""
    checks = [_instruction(_JUMP_EQUAL, value, len(allowed) - n, 0) for n, value in enumerate(allowed)]
    return [_argument(place), *checks, _refuse(otherwise), _PASS]


def _clone() -> list[bytes]:
    flags = _instruction(_JUMP_SET, _NAMESPACE_FLAGS, 0, 1)
    return [_argument(0), flags, _refuse(errno.EPERM), _PASS]


def _socket() -> list[bytes]:
    """Allow sockets of the families that have a namespace, with the protocols that are built in."""
    internet = _only(2, _IP_PROTOCOLS, errno.EPROTONOSUPPORT)
    netlink = _only(2, _NETLINK_PROTOCOLS, errno.EPROTONOSUPPORT)
    return [
        _argument(0),
        _instruction(_JUMP_EQUAL, _AF_UNIX, 0, 1),
        _PASS,
        _instruction(_JUMP_EQUAL, _AF_INET, 1, 0),
        _instruction(_JUMP_EQUAL, _AF_INET6, 0, len(internet)),
        *internet,
        _instruction(_JUMP_EQUAL, _AF_NETLINK, 0, len(netlink)),
        *netlink,
        _refuse(errno.EAFNOSUPPORT),
    ]


def _all_but(place: int, refused: Sequence[int]) -> list[bytes]:
    """Refuse a call where an argument has one of these values."""
    checks = []
    for value in refused:
        checks += [_instruction(_JUMP_EQUAL, value, 0, 1), _refuse(errno.EPERM)]
    return [_argument(place), *checks, _PASS]
