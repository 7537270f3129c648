"""The kernel's socket under a transport: bytes may pass both, if nobody writes to them at the same time."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import sys
import termios

# Elsewhere sendfile and the ioctl have other arguments, or do not exist.
_KERNEL_IS_KNOWN = sys.platform == "linux"


def plain_socket(transport: asyncio.Transport) -> int | None:
    """Return the descriptor under an open transport that hands its bytes on as they are.

    None where it encrypts them, is no stream socket, or is closing: then the number may soon be
    another connection's.
    """
    if not _KERNEL_IS_KNOWN or transport.is_closing() or transport.get_extra_info("sslcontext") is not None:
        return None
    found = transport.get_extra_info("socket")
    if found is None or found.type != socket.SOCK_STREAM:
        return None
    return int(found.fileno())


def unread_bytes(transport: asyncio.Transport) -> int:
    """Count what was handed to an open transport and the client's machine has not taken yet.

    The kernel's own buffer, of up to 4 MB, tells of room only when a third of it is free: a slow reader
    would seem to stand still for long.
    """
    unread = transport.get_write_buffer_size()
    descriptor = plain_socket(transport)
    if descriptor is not None:
        queued = fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4))
        unread += int.from_bytes(queued, sys.byteorder)
    return unread
