"""Pieces over a connection: a length before each, and none at the end. Blocking."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator

_LENGTH = struct.Struct("!I")
MOST_PIECE_BYTES = 1024 * 1024
DONE = b"+"


class Broken(ConnectionError):
    """The far side ended in the middle, or sent what is none."""


def send_pieces(connection: socket.socket, pieces: Iterable[bytes]) -> None:
    """Send all, and wait until the far side has taken them.

    Raises:
        OSError: Also where it did not take them (Broken).
    """
    for piece in pieces:
        connection.sendall(_LENGTH.pack(len(piece)) + piece)
    connection.sendall(_LENGTH.pack(0))
    if connection.recv(1) != DONE:
        raise Broken("the far side did not take it all")


def pieces(connection: socket.socket) -> Iterator[bytes]:
    """Yield what `send_pieces` sends; who has taken it all answers DONE.

    Raises:
        OSError: Also where it ends before its end (Broken).
    """
    while True:
        size: int = _LENGTH.unpack(exactly(connection, _LENGTH.size))[0]
        if size == 0:
            return
        if size > MOST_PIECE_BYTES:
            raise Broken("a piece is too long")
        yield exactly(connection, size)


def exactly(connection: socket.socket, count: int) -> bytes:
    """Receive so many bytes.

    Raises:
        OSError: Also where it ends before (Broken).
    """
    data = bytearray(count)
    view, at = memoryview(data), 0
    while at < count:
        got = connection.recv_into(view[at:])
        if not got:
            raise Broken("the far side ended in the middle")
        at += got
    return bytes(data)
