"""Descriptors that come over a Unix socket."""

from __future__ import annotations

import asyncio
import os
import socket
from array import array
from collections.abc import Coroutine
from typing import Any

Received = tuple[bytes, list[int]]


def receive(control: socket.socket, most_bytes: int, most_fds: int) -> Received:
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


async def received(receiving: Coroutine[Any, Any, Received]) -> Received:
    """Return what comes. Whoever is cancelled meanwhile gets nothing: then its descriptors are closed here.

    A thread that waits for an answer cannot be called off, and what it is sent would stay open for ever.
    """
    task = asyncio.create_task(receiving)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_close)
        raise


def _close(task: asyncio.Task[Received]) -> None:
    if not task.cancelled() and task.exception() is None:
        for fd in task.result()[1]:
            os.close(fd)
