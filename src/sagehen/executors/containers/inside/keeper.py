"""Pid 1 of a container's processes and the platform's hand in its network: does what it is asked inside.

Run as `python -I -S keeper.py <socket>` on what sandboxes see of the host, in a container of its own; the
image's processes are in another one, which shares its processes and its network and sees none of its files.
When the platform's end of the socket closes, also because the platform was killed, this ends, and the kernel
ends with it all that it is the first process of.

A request is a JSON document, with a descriptor at times; so is an answer.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

_PR_SET_DUMPABLE = 4
_CLONE_NEWNET = 0x40000000
_MOST_BYTES = 65536
_Given = Sequence[socket.socket | BinaryIO]


def main() -> None:
    """Serve until the platform's end closes."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Root of the image is the same user as this: without it, /proc/1 would show him what this one sees.
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans of the image's are reaped by the kernel
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.connect(sys.argv[1])
    while True:
        data, fds, _, _ = socket.recv_fds(control, _MOST_BYTES, 1)
        if not data:
            return
        answer: dict[str, str] = {}
        given: _Given = ()
        try:
            given = _serve(libc, json.loads(data), fds)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        socket.send_fds(control, [json.dumps(answer).encode()], [one.fileno() for one in given])
        for one in given:
            one.close()
        for fd in fds:
            os.close(fd)


def _serve(libc: ctypes.CDLL, request: dict[str, Any], fds: Sequence[int]) -> _Given:
    """Return what goes out: of a new network the namespace and its listeners, else sockets in it."""
    if request["do"] == "network":
        namespace = Path("/proc/self/ns/net").open("rb")  # noqa: SIM115 - closed once it is sent
        return [namespace, *(_listener(address, port) for address, port in request["ports"])]
    if request["do"] == "enter":
        if libc.setns(fds[0], _CLONE_NEWNET):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), "setns")
        return ()
    return [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(request["count"])]


def _listener(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(1024)
    return made


if __name__ == "__main__":
    main()
