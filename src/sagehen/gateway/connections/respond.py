"""The last step: an HttpResponse goes out over ASGI, with flat memory at any size."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sagehen.api.streams import FileSlice, Streamed
from sagehen.gateway.connections.descriptors import Descriptors
from sagehen.gateway.connections.header_lines import header_lines
from sagehen.protocol.http import HttpResponse

Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# Descriptor, offset, count -> bytes sent around ASGI; if these are all, the answer is over.
SendFile = Callable[[int, int, int], Awaitable[int]]

# Up to here one pread of a cached page is cheaper than the hop to a thread (~60 us).
_INLINE_BYTES = 64 * 1024
_PIECE_BYTES = 512 * 1024
# RFC 9110, 15.3.5 and 15.4.5.
_WITHOUT_BODY = (204, 304)


class SliceTruncated(Exception):
    """A file turned out shorter than the slice that was promised of it."""


async def respond(
    send: Send, response: HttpResponse, *, head: bool, close: bool, send_file: SendFile | None = None
) -> int:
    """Send a response.

    Args:
        send: ASGI's; it waits while the client does not read.
        response: What to send. A FileSlice is opened before the first byte goes out.
        head: Send the headers of the answer without its body.
        close: Tell the client that the connection ends here.
        send_file: Sends as much of a file as it can, where the connection knows a shorter way.

    Returns:
        Bytes of body sent.

    Raises:
        OSError: The file cannot be opened; nothing was sent yet.
    """
    # A user's function or API may say more than such an answer can: the connection would break.
    head = head or response.status in _WITHOUT_BODY
    body = response.body
    headers = header_lines((*response.headers.items(), *response.more_headers))
    if close:
        headers.append((b"connection", b"close"))
    if isinstance(body, FileSlice):
        if not head:
            return await _send_file(send, response.status, headers, body, send_file)
        length: int | None = body.length
    elif isinstance(body, Streamed):
        if not head:
            return await _send_stream(send, response.status, headers, body)
        await body.aclose()
        length = body.length
    else:
        length = len(body)
    _set_length(headers, response.status, length, keep=head)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    content = b"" if head or not isinstance(body, bytes) else body
    await send({"type": "http.response.body", "body": content, "more_body": False})
    return len(content)


def _set_length(
    headers: list[tuple[bytes, bytes]], status: int, length: int | None, *, keep: bool = False
) -> None:
    if status in _WITHOUT_BODY or length is None:
        return
    present = any(name.lower() == b"content-length" for name, _ in headers)
    if present and keep:
        return  # HeadObject states the length of a body that it does not have
    if present:
        headers[:] = [pair for pair in headers if pair[0].lower() != b"content-length"]
    headers.append((b"content-length", str(length).encode()))


async def _send_stream(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: Streamed) -> int:
    _set_length(headers, status, body.length)
    sent = 0
    try:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        async for chunk in body.chunks:
            sent += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        await body.aclose()
    return sent


async def _send_file(
    send: Send,
    status: int,
    headers: list[tuple[bytes, bytes]],
    body: FileSlice,
    send_file: SendFile | None,
) -> int:
    _set_length(headers, status, body.length)
    descriptor = os.open(body.path, os.O_RDONLY | os.O_CLOEXEC)
    file = Descriptors(descriptor)
    try:
        if body.length <= _INLINE_BYTES:
            content = os.pread(descriptor, body.length, body.offset)
            if len(content) != body.length:
                raise SliceTruncated(str(body.path))
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content, "more_body": False})
            return body.length
        await send({"type": "http.response.start", "status": status, "headers": headers})
        sent = await send_file(descriptor, body.offset, body.length) if send_file is not None else 0
        if sent < body.length:
            await _send_pieces(send, file, descriptor, body, sent)
    finally:
        file.close()
    return body.length


async def _send_pieces(send: Send, file: Descriptors, descriptor: int, body: FileSlice, sent: int) -> None:
    """Read a file and write it, the next piece being read while one is written."""
    offset, end = body.offset + sent, body.offset + body.length
    ahead = file.call(os.pread, descriptor, min(end - offset, _PIECE_BYTES), offset)
    try:
        while offset < end:
            piece = await ahead
            if not piece:
                raise SliceTruncated(str(body.path))  # the connection is closed short of its length
            offset += len(piece)
            if offset < end:
                ahead = file.call(os.pread, descriptor, min(end - offset, _PIECE_BYTES), offset)
            await send({"type": "http.response.body", "body": piece, "more_body": offset < end})
    finally:
        ahead.cancel()
