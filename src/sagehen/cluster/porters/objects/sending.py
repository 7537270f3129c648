"""Sender: requests with a body, over connections that are kept. Blocking.

A refusal is heard before the body is sent (`Expect: 100-continue`), as AWS's own clients do it: who refuses
in the middle of gigabytes closes the connection, and its answer is lost with it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import h11

_PIECE_BYTES = 64 * 1024
# Of an answer to a body: an error, or the end of an upload in parts.
_MOST_ANSWER_BYTES = 64 * 1024


class BodyShort(Exception):
    """There is less to send than was announced."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent.

    Args:
        pieces: Yields it from its beginning, each time.
        content: All of it, where it is short; None of a file.
    """

    size: int
    pieces: Callable[[], Iterator[bytes]]
    content: bytes | None = None

    @classmethod
    def of(cls, content: bytes) -> Body:
        """Return one that is short."""
        return cls(len(content), lambda: iter((content,) if content else ()), content)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Args:
        headers: By names in lower case.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes


class Sender:
    """One client; may be used by several threads.

    Args:
        dial: Makes a connection to where S3 is.
    """

    def __init__(self, dial: Callable[[], socket.socket]) -> None:
        self._dial = dial
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()
        self._is_closed = False
        self._lock = threading.Lock()

    def send(self, method: str, path: str, headers: Mapping[str, str], body: Body) -> Answer:
        """Send a request; return the answer.

        Raises:
            BodyShort
            OSError: S3 cannot be reached, or answers otherwise; or this is closed, meanwhile or before.
        """
        while True:
            connection, is_kept = self._take(with_body=body.size > 0)
            try:
                answer = connection.ask(method, path, headers, body)
            except BaseException as error:
                self._let_go(connection, keep=False)
                if is_kept and connection.heard_nothing and isinstance(error, OSError):
                    continue  # it may have been ended meanwhile
                if isinstance(error, h11.RemoteProtocolError):
                    raise ConnectionError(f"S3 answers otherwise: {error!r}") from error
                raise
            self._let_go(connection, keep=connection.may_go_on())
            return answer

    def close(self) -> None:
        """Have nothing sent any more: nobody is to find later what somebody gave up. A request without a body
        may be made still, by which an upload in parts is let go."""
        with self._lock:
            self._is_closed = True
            for connection in self._idle:
                connection.close()
            self._idle.clear()
            for connection in self._busy:
                connection.cut()

    def _take(self, *, with_body: bool) -> tuple[_Connection, bool]:
        """Return a connection, and whether it was kept."""
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        connection = kept or _Connection(self._dial())
        with self._lock:
            if not (self._is_closed and with_body):
                self._busy.add(connection)
                return connection, kept is not None
        connection.close()
        raise ConnectionAbortedError("nobody waits for it any more")

    def _let_go(self, connection: _Connection, *, keep: bool) -> None:
        with self._lock:
            self._busy.discard(connection)
            if keep and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()


class _Connection:
    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._state = h11.Connection(h11.CLIENT)
        self.heard_nothing = True

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: Body) -> Answer:
        self.heard_nothing = True
        sent = [*headers.items(), ("Content-Length", str(body.size))]
        if body.size:
            sent.append(("Expect", "100-continue"))
        self._send(h11.Request(method=method, target=path, headers=sent))
        if body.size:
            event = self._next()
            if isinstance(event, h11.Response):  # it wants none of it
                return self._answer(event)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # what it has said, says why
            self._send_body(body)
        event = self._next()
        while not isinstance(event, h11.Response):
            event = self._next()
        return self._answer(event)

    def may_go_on(self) -> bool:
        if self._state.our_state is not h11.DONE or self._state.their_state is not h11.DONE:
            return False
        self._state.start_next_cycle()
        return True

    def close(self) -> None:
        self._socket.close()

    def cut(self) -> None:
        """End it under the thread that uses it."""
        with contextlib.suppress(OSError):
            # Not TLS's own: that has what another thread is sending go out as it is.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _send_body(self, body: Body) -> None:
        left = body.size
        for piece in body.pieces():
            left -= len(piece)
            self._send(h11.Data(data=piece))
        if left:
            raise BodyShort
        self._send(h11.EndOfMessage())

    def _send(self, event: h11.Event) -> None:
        for data in self._state.send_with_data_passthrough(event) or ():
            self._socket.sendall(data)

    def _next(self) -> h11.Event:
        while True:
            event = self._state.next_event()
            if event is h11.NEED_DATA:
                data = self._socket.recv(_PIECE_BYTES)
                self.heard_nothing = self.heard_nothing and not data
                if not data and self._state.their_state is not h11.SEND_BODY:
                    raise ConnectionError("S3 ended the connection without an answer")
                self._state.receive_data(data)
                continue
            assert not isinstance(event, type)
            return event

    def _answer(self, response: h11.Response) -> Answer:
        content = b""
        while not isinstance(event := self._next(), h11.EndOfMessage):
            if isinstance(event, h11.Data) and len(content) < _MOST_ANSWER_BYTES:
                content += bytes(event.data)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status_code, response.reason.decode("latin-1"), headers, content)
