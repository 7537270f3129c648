"""One small question to JupyterLab, over HTTP/1.0: what it says is read to a bound and a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from socket import socket

from sagehen.domain.timeouts import timeout

_MOST_BYTES = 64 * 1024
_PATIENCE_S = 10.0


class NoAnswer(Exception):
    """It does not answer, or not with 200."""


async def ask(connect: Callable[[], Awaitable[socket]], path: str, token: str) -> bytes:
    """Return the body of a GET.

    Args:
        connect: Reaches it; who listens there may take no connection.
        path: Below which host does not matter.

    Raises:
        NoAnswer
    """
    try:
        async with timeout(_PATIENCE_S):
            answer = await _answer(await connect(), path, token)
    except (OSError, TimeoutError) as error:
        raise NoAnswer(str(error)) from error
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise NoAnswer(head.partition(b"\r\n")[0].decode("latin-1"))
    return body


async def _answer(connection: socket, path: str, token: str) -> bytes:
    reader, writer = await asyncio.open_connection(sock=connection)
    answer = bytearray()
    try:
        # HTTP/1.0: the body ends with the connection, and is never chunked.
        writer.write(
            f"GET {path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: token {token}\r\n\r\n".encode()
        )
        while data := await reader.read(_MOST_BYTES):
            answer += data
            if len(answer) > _MOST_BYTES:
                raise NoAnswer("it says too much")
    finally:
        writer.close()
    return bytes(answer)
