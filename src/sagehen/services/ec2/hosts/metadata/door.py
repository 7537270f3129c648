"""The metadata service's listener in a machine's network: HTTP/1.1, few and small requests at a time."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import h11

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import CloseDoor
from sagehen.services.ec2.hosts.metadata.service import Answer, MetadataService

_MOST_HEAD_BYTES = 8192
_MOST_BODY_BYTES = 1024
_MOST_CONNECTIONS = 64
_PATIENCE_S = 15.0


async def open_metadata(service: MetadataService, listener: socket.socket) -> CloseDoor:
    """Serve until the returned function is called; as `executors.base.OpenDoor`."""
    open_now: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(open_now) >= _MOST_CONNECTIONS:
            writer.close()
            return
        open_now.add(task)
        try:
            with contextlib.suppress(OSError, TimeoutError, h11.RemoteProtocolError):
                await _converse(service, reader, writer)
        finally:
            open_now.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, sock=listener)

    async def close() -> None:
        server.close()
        for task in list(open_now):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)

    return close


async def _converse(
    service: MetadataService, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEAD_BYTES)
    while True:
        request: h11.Request | None = None
        body_bytes = 0
        async with timeout(_PATIENCE_S):
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(await reader.read(_MOST_HEAD_BYTES))
                elif isinstance(event, h11.Request):
                    request = event
                elif isinstance(event, h11.Data):
                    body_bytes += len(event.data)
                    if body_bytes > _MOST_BODY_BYTES:
                        return
                elif isinstance(event, h11.EndOfMessage):
                    break
                else:
                    return
        if request is None:
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        method, target = request.method.decode("latin-1"), request.target.decode("latin-1")
        answer = await service.answer(method, target, headers)
        async with timeout(_PATIENCE_S):
            await _send(connection, writer, answer)
        if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
            return
        connection.start_next_cycle()


async def _send(connection: h11.Connection, writer: asyncio.StreamWriter, answer: Answer) -> None:
    if answer.hops is not None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_IP, socket.IP_TTL, answer.hops)
    headers = [("Server", "EC2ws"), ("Content-Length", str(len(answer.content))), *answer.headers.items()]
    parts = [
        connection.send(h11.Response(status_code=answer.status, headers=headers)),
        connection.send(h11.Data(data=answer.content)),
        connection.send(h11.EndOfMessage()),
    ]
    writer.write(b"".join(part for part in parts if part))
    await writer.drain()
