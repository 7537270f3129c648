"""The least that a server can do: `python -m benchmarks.servers.sendfile PORT FILE` answers with FILE."""

from __future__ import annotations

import os
import socket
import sys


def serve(port: int, path: str) -> None:
    """Answer one connection after the other; a request is whatever ends with an empty line."""
    size = os.stat(path).st_size
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode()
    with socket.create_server(("127.0.0.1", port)) as listener, open(path, "rb") as file:
        while True:
            connection, _ = listener.accept()
            with connection:
                request = b""
                while piece := connection.recv(65536):
                    request += piece
                    if not request.endswith(b"\r\n\r\n"):
                        continue
                    request = b""
                    connection.sendall(head)
                    sent = 0
                    while sent < size:
                        sent += os.sendfile(connection.fileno(), file.fileno(), sent, size - sent)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
