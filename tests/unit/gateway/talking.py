"""Raw HTTP to a front door, byte by byte."""

from __future__ import annotations

import socket

from tests.unit.gateway.conftest import RunningDoor

HEALTH = b"GET /_sagehen/health HTTP/1.1\r\nHost: h\r\n\r\n"


def dial(running: RunningDoor) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=60)


def read_all(client: socket.socket) -> bytes:
    pieces = []
    while True:
        try:
            piece = client.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def exchange(running: RunningDoor, data: bytes) -> bytes:
    with dial(running) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return read_all(client)
