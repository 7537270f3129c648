"""Descriptors that come over a Unix socket."""

from __future__ import annotations

import socket
from array import array


def receive(control: socket.socket, most_bytes: int, most_fds: int) -> tuple[bytes, list[int]]:
    """Return a message and its descriptors, which are the caller's to close. Blocking.

    Raises:
        OSError: Nothing came in the socket's time, or it is closed here.
    """
    fds = array("i")
    # Not `socket.recv_fds`: what it returns is inherited by every process that is spawned from now on.
    message, ancillary, _, _ = control.recvmsg(
        most_bytes, socket.CMSG_LEN(most_fds * fds.itemsize), socket.MSG_CMSG_CLOEXEC
    )
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return message, list(fds)
