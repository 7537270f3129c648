"""The system calls that no sandboxed process needs, as a seccomp filter built by hand.

A second wall behind namespaces and dropped capabilities: these calls have been the usual way
into kernel bugs. They answer EPERM, so that programs which only probe for them go on.
"""

from __future__ import annotations

import errno
import platform
import struct

# Numbers from the kernel's tables: name -> (x86_64, aarch64).
_DENIED = {
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
}
_CLONE = (56, 220)
_CLONE3 = 435
# Every CLONE_NEW* flag: namespaces are made before the user's code runs, never by it.
_NAMESPACE_FLAGS = 0x7E020000
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32_BIT = 0x40000000


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)


def deny_filter(machine: str | None = None) -> bytes | None:
    """Return the filter as BPF instructions, or None on an architecture whose numbers we do not list.

    Args:
        machine: As `platform.machine()` spells it; this machine's where None.
    """
    architecture = _ARCHITECTURES.get(machine or platform.machine())
    if architecture is None:
        return None
    column, audit_arch = architecture
    eperm = _instruction(_RETURN, _ERRNO | errno.EPERM)
    program = [
        _instruction(_LOAD, 4),  # seccomp_data.arch
        _instruction(_JUMP_EQUAL, audit_arch, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, 0),  # seccomp_data.nr
        _instruction(_JUMP_GREATER_EQUAL, _X32_BIT, 0, 1),  # the x32 numbers would walk around the list
        eperm,
    ]
    for numbers in _DENIED.values():
        program += [_instruction(_JUMP_EQUAL, numbers[column], 0, 1), eperm]
    program += [
        # clone3 hides its flags behind a pointer: ENOSYS makes libc fall back to clone.
        _instruction(_JUMP_EQUAL, _CLONE3, 0, 1),
        _instruction(_RETURN, _ERRNO | errno.ENOSYS),
        _instruction(_JUMP_EQUAL, _CLONE[column], 0, 3),
        _instruction(_LOAD, 16),  # low half of the first argument: clone's flags
        _instruction(_JUMP_SET, _NAMESPACE_FLAGS, 0, 1),
        eperm,
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(program)
