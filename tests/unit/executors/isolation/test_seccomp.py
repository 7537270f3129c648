"""The filter of system calls, run call by call."""

from __future__ import annotations

import errno
import struct

import pytest

from sagehen.executors.isolation.seccomp import system_call_filter

_X86 = 0xC000003E
_ALLOWED = 0x7FFF0000
_EPERM, _ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
_REFUSED_FAMILY, _REFUSED_PROTOCOL = 0x50000 | errno.EAFNOSUPPORT, 0x50000 | errno.EPROTONOSUPPORT


def _run_filter(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """Interpret the few BPF instructions that the filter uses."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *(*arguments, *[0] * 6)[:6])
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, operand = struct.unpack_from("=HBBI", program, at * 8)
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return operand
        else:
            holds = {
                0x15: accumulator == operand,
                0x25: accumulator > operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }[code]
            at += if_true if holds else if_false


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ((0,), _ALLOWED),  # read
        ((334,), _ALLOWED),  # rseq
        ((424,), _ALLOWED),  # pidfd_send_signal
        ((462,), _ALLOWED),  # mseal
        ((165,), _EPERM),  # mount
        ((101,), _EPERM),  # ptrace
        ((310,), _EPERM),  # process_vm_readv
        ((425,), _EPERM),  # io_uring_setup
        ((335,), _ENOSYS),  # never assigned
        ((423,), _ENOSYS),
        ((463,), _ENOSYS),  # of a kernel to come
        ((435,), _ENOSYS),  # clone3
        ((56, 0x01200011), _ALLOWED),  # fork as glibc does it
        ((56, 0x10000011), _EPERM),  # with CLONE_NEWUSER
        ((0x40000000 + 165,), _EPERM),  # x32's mount
        ((41, 1, 1, 0), _ALLOWED),  # socket: AF_UNIX
        ((41, 2, 1, 6), _ALLOWED),  # TCP
        ((41, 10, 2, 17), _ALLOWED),  # UDP over IPv6
        ((41, 2, 1, 132), _REFUSED_PROTOCOL),  # SCTP, a module
        ((41, 16, 3, 0), _ALLOWED),  # NETLINK_ROUTE
        ((41, 16, 3, 12), _REFUSED_PROTOCOL),  # NETLINK_NETFILTER
        ((41, 40, 1, 0), _REFUSED_FAMILY),  # AF_VSOCK
        ((41, 1 << 32 | 40, 1, 0), _REFUSED_FAMILY),  # the kernel looks at the low half alone
        ((41, 38, 5, 0), _REFUSED_FAMILY),  # AF_ALG
        ((41, 17, 3, 0), _REFUSED_FAMILY),  # AF_PACKET
        ((53, 1, 1, 0), _ALLOWED),  # socketpair
        ((53, 40, 1, 0), _REFUSED_FAMILY),
        ((16, 0, 0x5413), _ALLOWED),  # ioctl: TIOCGWINSZ
        ((16, 0, 0x5412), _EPERM),  # TIOCSTI
        ((16, 0, 1 << 32 | 0x5412), _EPERM),
        ((16, 0, 0x541C), _EPERM),  # TIOCLINUX
        ((72, 3, 1024, 1), _EPERM),  # fcntl: F_SETLEASE
        ((72, 3, 6), _ALLOWED),  # F_SETLK
        ((135, 0xFFFFFFFF), _ALLOWED),  # personality: what is it?
        ((135, 0x0040000), _EPERM),  # ADDR_NO_RANDOMIZE
    ],
)
def test_the_filter(call: tuple[int, ...], verdict: int) -> None:
    program = system_call_filter("x86_64")
    assert program is not None
    assert _run_filter(program, _X86, *call) == verdict


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ((63,), _ALLOWED),  # read
        ((40,), _EPERM),  # mount
        ((250,), _ENOSYS),  # a hole of that table
        ((198, 2, 1, 0), _ALLOWED),  # socket
        ((198, 40, 1, 0), _REFUSED_FAMILY),
        ((29, 0, 0x5412), _EPERM),  # ioctl
        ((25, 3, 1024), _EPERM),  # fcntl
        ((220, 0x10000011), _EPERM),  # clone
    ],
)
def test_the_filter_of_arm(call: tuple[int, ...], verdict: int) -> None:
    program = system_call_filter("aarch64")
    assert program is not None
    assert _run_filter(program, 0xC00000B7, *call) == verdict


def test_the_filter_kills_other_architectures_and_is_absent_where_unknown() -> None:
    program = system_call_filter("x86_64")
    assert program is not None
    assert _run_filter(program, 0x40000003, 0) == 0x80000000
    assert system_call_filter("riscv64") is None
