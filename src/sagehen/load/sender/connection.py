"""Connection: one request at a time over a kept HTTP/1.1 connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import httptools

from sagehen.load.sender.answer import LOOKED_AT

# Enough for an error's message; of everything longer only the end is awaited.
_KEPT_BYTES = 4096
# A log's tail of 4 KB is 5.4 KB in Base64.
_LONGEST_HEAD = 65536


class Owner(Protocol):
    """Is told what becomes of requests and connections."""

    def answered(self, due: float, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        """Take note of an answer; the connection is free from now on, or lost a moment later."""

    def broken(self, due: float, kind: str) -> None:
        """Take note that there will be no answer."""

    def free(self, connection: Connection) -> None:
        """Take the connection back."""

    def lost(self, connection: Connection) -> None:
        """Forget the connection."""


class Connection(asyncio.Protocol):
    """See above. `due` is that of the request under way, None without one."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._headers: dict[bytes, bytes] = {}
        self._body = b""
        self._head_bytes = 0
        self._has_head = False
        self._ends_with_connection = True
        self.due: float | None = None
        self.since = 0.0
        """When it became free."""

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, pieces: Sequence[bytes], due: float) -> None:
        """Send a request. The connection must be open and free."""
        transport = self._transport
        assert transport is not None and self.due is None
        self.due = due
        self._start()
        if len(pieces) == 1:
            transport.write(pieces[0])
        else:
            transport.writelines(pieces)

    def give_up(self, kind: str) -> None:
        """Wait no longer: the request has failed, the connection is cut."""
        self._fail(kind)

    def close(self) -> None:
        """Cut it, saying nothing to the owner of a request under way."""
        self.due = None
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self.due is None or self._parser is None:
            self.close()  # an answer that nobody asked for
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("no HTTP")
            return
        if not self._has_head:  # the parser itself would gather a header without end
            self._head_bytes += len(data)
            if self._head_bytes > _LONGEST_HEAD:
                self._fail("no HTTP: the head is too long")

    def connection_lost(self, exc: Exception | None) -> None:
        parser, self._transport = self._parser, None
        if (
            self.due is not None
            and parser is not None
            and self._has_head
            and self._ends_with_connection
            and exc is None
        ):
            due, self.due = self.due, None
            self._owner.answered(due, parser.get_status_code(), self._headers, self._body)
        self._fail("connection lost")
        self._owner.lost(self)

    # --- httptools -------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in LOOKED_AT:
            self._headers[name] = value
        elif name in (b"content-length", b"transfer-encoding"):
            self._ends_with_connection = False

    def on_headers_complete(self) -> None:
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        if len(self._body) < _KEPT_BYTES:
            self._body += body[:_KEPT_BYTES]

    def on_message_complete(self) -> None:
        parser, transport = self._parser, self._transport
        if self.due is None or parser is None or transport is None:
            return
        status = parser.get_status_code()
        if status < 200:  # 100 Continue, 103 Early Hints: the answer comes after it
            self._start()
            return
        due, self.due = self.due, None
        # Who answers before it has read all of the request (413, say) does not read the next one either.
        keeps = parser.should_keep_alive() and not transport.get_write_buffer_size()
        self._owner.answered(due, status, self._headers, self._body)
        if keeps:
            self._owner.free(self)
        else:
            transport.abort()

    def _start(self) -> None:
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
        self._headers, self._body, self._ends_with_connection = {}, b"", True
        self._head_bytes, self._has_head = 0, False

    def _fail(self, kind: str) -> None:
        if self.due is not None:
            due, self.due = self.due, None
            self._owner.broken(due, kind)
        if self._transport is not None:
            self._transport.abort()
