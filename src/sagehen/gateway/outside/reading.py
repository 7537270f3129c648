"""Reading from another server: one request over a connection that was made, its answer streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NoReturn
from urllib.parse import quote

import h11

from sagehen.api.streams import BodyStream, Streamed
from sagehen.domain.timeouts import timeout
from sagehen.protocol.http import HttpResponse

_PIECE_BYTES = 64 * 1024  # as asyncio's readers hold at most
# How long the other side may be silent. While our own client does not read, nothing is asked of it.
_SILENCE_S = 60.0
# How long it may take to begin: interim answers and headers may come byte by byte for ever.
_HEAD_S = 60.0
# All that a request target may hold; bytes beyond ASCII are sent percent-encoded, as browsers do.
_TARGET = "".join(map(chr, range(0x21, 0x7F)))
# About one connection: the door's own server says these for its client's.
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade",
     "date", "server")
)  # fmt: skip


class BadAnswer(Exception):
    """The other side broke off, fell silent, or does not speak HTTP."""


class Reading:
    """One request to another server and its answer.

    Args:
        reader, writer: The connection; it is closed with the answer.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)

    async def send(
        self,
        method: str,
        target: str,
        host: str,
        headers: Sequence[tuple[str, str]],
        body: BodyStream | None = None,
    ) -> HttpResponse:
        """Send the request and return its answer, whose body is read while it is passed on.

        Args:
            headers: Without those that frame the body.
            body: Sent as it comes; None is none.

        Raises:
            BadAnswer: There is none.
        """
        fields = [("Host", host), *headers, ("Connection", "close")]
        if body is not None:
            framing = ("Transfer-Encoding", "chunked")
            fields.append(framing if body.length is None else ("Content-Length", str(body.length)))
        named_bytes = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        target = quote(target.encode("latin-1"), safe=_TARGET)
        try:
            request = h11.Request(method=method, target=target, headers=named_bytes)
            self._writer.write(self._http.send(request))
            if body is not None:
                await self._send_body(body)
            self._writer.write(self._http.send(h11.EndOfMessage()))
            async with timeout(_HEAD_S):
                event = await self._next()
                while isinstance(event, h11.InformationalResponse):
                    event = await self._next()
            if not isinstance(event, h11.Response):
                self._broken("no answer")
        except TimeoutError as error:
            self._writer.transport.abort()
            raise BadAnswer(f"its answer did not begin within {_HEAD_S:.0f} s") from error
        except h11.LocalProtocolError as error:
            self._writer.close()
            raise BadAnswer(f"it cannot be asked this: {error}") from error
        except BaseException:
            self._writer.close()
            raise
        named = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
        kept = [(name, value) for name, value in named if name not in _HOP_BY_HOP]
        length = next((int(value) for name, value in kept if name == "content-length"), None)
        first, more = dict(reversed(kept)), []
        seen: set[str] = set()
        for name, value in kept:  # a header said twice stays two
            if name in seen:
                more.append((name, value))
            seen.add(name)
        return HttpResponse(event.status_code, first, Streamed(self, length), tuple(more))

    async def _send_body(self, body: BodyStream) -> None:
        async for piece in body:
            self._writer.write(self._http.send(h11.Data(data=piece)))
            async with timeout(_SILENCE_S):
                await self._writer.drain()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                return bytes(event.data)
            if isinstance(event, h11.ConnectionClosed):
                self._broken("it broke off")
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Close the connection; also where nobody has read (a HEAD, a client that went away)."""
        self._writer.close()

    async def _next(self) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                # Not `wait_for`, which in Python 3.11 forgets the end of its caller's time if both coincide.
                async with timeout(_SILENCE_S):
                    data = await self._reader.read(_PIECE_BYTES)
                self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            self._broken(str(error))
        except TimeoutError:
            self._broken(f"it was silent for {_SILENCE_S:.0f} s")
        except OSError as error:
            self._broken(str(error))
        return event

    def _broken(self, why: str) -> NoReturn:
        raise BadAnswer(why)
