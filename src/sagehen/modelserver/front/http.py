"""The HTTP side of a model server: GET /ping, POST /invocations, one asyncio.Protocol a connection."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import httptools

from sagehen.modelserver.answer_stream import AnswerStream
from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.messages import Answer, Call

# One write for many lines; nobody reads a log faster.
_LOG_INTERVAL_S = 0.05
_REASONS = {200: b"OK", 400: b"Bad Request", 404: b"Not Found", 405: b"Method Not Allowed",
            413: b"Payload Too Large", 415: b"Unsupported Media Type", 500: b"Internal Server Error",
            409: b"Conflict", 503: b"Service Unavailable", 507: b"Insufficient Storage"}  # fmt: skip


class AccessLog:
    """Access lines in the usual combined form, written together every 50 ms: one system call for many."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lines: list[str] = []
        self._stamp = (0, "")

    def line(self, peer: str, method: str, path: str, status: int, size: int, agent: str) -> None:
        """Note one request; it is written within 50 ms."""
        if not self._lines:
            self._loop.call_later(_LOG_INTERVAL_S, self.flush)
        self._lines.append(
            f'{peer} - - [{self._time()}] "{method} {path} HTTP/1.1" {status} {size} "-" "{agent}"\n'
        )

    def flush(self) -> None:
        """Write what is noted to standard output, which is the endpoint's log."""
        if self._lines:
            lines, self._lines = self._lines, []
            os.write(1, "".join(lines).encode(errors="replace"))

    def _time(self) -> str:
        now = int(time.time())
        if self._stamp[0] != now:
            self._stamp = (now, time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)))
        return self._stamp[1]


class ModelRequests(Protocol):
    """What answers requests to /models."""

    def answer(self, method: str, path: str, query: str, call: Call) -> asyncio.Future[Answer]:
        """Return the answer to come."""


@dataclass(slots=True)
class Front:
    """What all connections share. `models` answers what is asked below /models, where there are several."""

    dispatcher: Dispatcher
    is_ready: Callable[[], bool]
    log: AccessLog
    models: ModelRequests | None = None
    most_body_bytes: int = 128 * 1024 * 1024
    connections: set[HttpConnection] = field(default_factory=set)
    stopping: bool = False

    def stop(self) -> None:
        """Answer what is under way, then close; idle connections close now."""
        self.stopping = True
        for connection in list(self.connections):
            connection.close_if_idle()


@dataclass(slots=True)
class _Request:
    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: list[bytes] = field(default_factory=list)
    size: int = 0
    keep_alive: bool = True


class HttpConnection(asyncio.Protocol):
    """Reads requests, answers them in order."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._incoming = _Request()
        self._queue: deque[_Request] = deque()
        self._current: asyncio.Future[Answer] | None = None
        self._busy = False
        self._stream: AnswerStream | None = None
        self._peer = "127.0.0.1"

    # --- asyncio.Protocol --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: the front knows of the connection, to close it when the server stops."""
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self._peer = peer[0]
        self._front.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: what is no HTTP is answered 400, and the connection closed."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._close()
        except httptools.HttpParserError:
            self._write(Answer(400, "text/plain", b"not an HTTP request"), keep_alive=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: what nobody waits for any more is taken back from the queue."""
        self._transport = None
        self._front.connections.discard(self)
        self._queue.clear()
        if self._current is not None:
            self._current.cancel()  # nobody waits for it any more
        if self._stream is not None:
            self._stream.abandon()
            self._stream = None

    def pause_writing(self) -> None:
        """Called by asyncio when the caller reads too slowly: a worker that streams has to wait."""
        if self._stream is not None:
            self._stream.pause()

    def resume_writing(self) -> None:
        """Called by asyncio when the caller has caught up."""
        if self._stream is not None:
            self._stream.resume()

    def close_if_idle(self) -> None:
        """Close, but not while a request is being read or answered: `_go_on` does it then."""
        if not self._busy and not self._incoming.method:
            self._close()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # --- httptools callbacks -----------------------------------------------------------------

    def on_url(self, url: bytes) -> None:
        """Called by httptools: the request's path, with its query."""
        self._incoming.path = url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by httptools for each header; names become lower-case, of equal ones the last counts."""
        self._incoming.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Called by httptools: a caller that waits for `100 Continue` (curl does) may go on."""
        self._incoming.method = self._parser.get_method().decode("ascii")
        if self._incoming.headers.get("expect", "").lower() == "100-continue" and self._transport:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Called by httptools for each piece; of one that is too long nothing is kept but the size."""
        request = self._incoming
        request.size += len(body)
        if request.size <= self._front.most_body_bytes:
            request.body.append(body)

    def on_message_complete(self) -> None:
        """Called by httptools: the request is whole, and is answered when those before it are."""
        request, self._incoming = self._incoming, _Request()
        request.keep_alive = self._parser.should_keep_alive()
        self._queue.append(request)
        if not self._busy:
            self._next()
        elif self._transport is not None:
            self._transport.pause_reading()  # a client that pipelines waits for its answers

    # --- answers -----------------------------------------------------------------------------

    def _next(self) -> None:
        if not self._queue or self._transport is None:
            return
        self._busy = True
        request = self._queue.popleft()
        path, _, query = request.path.partition("?")
        several = self._front.models
        if request.size > self._front.most_body_bytes:
            self._finish(request, self._other(path, request))
        elif several is not None and path.startswith("/models"):
            self._wait_for(request, several.answer(request.method, path, query, _call(request)))
        elif several is None and path == "/invocations" and request.method == "POST":
            self._wait_for(request, self._front.dispatcher.submit(_call(request)))
        else:
            self._finish(request, self._other(path, request))

    def _wait_for(self, request: _Request, answer: asyncio.Future[Answer]) -> None:
        self._current = answer
        answer.add_done_callback(lambda answer: self._answered(request, answer))

    def _other(self, path: str, request: _Request) -> Answer:
        if request.size > self._front.most_body_bytes:
            request.keep_alive = False
            return Answer(413, "text/plain", b"The body is too large.")
        if path == "/ping":
            ready = self._front.is_ready() and not self._front.stopping
            return Answer(200 if ready else 503, "application/json", b"\n")
        if path == "/invocations" and self._front.models is None:
            return Answer(405, "text/plain", b"Use POST.")
        return Answer(404, "text/plain", b"Not found: this server has /ping and /invocations.")

    def _answered(self, request: _Request, answer: asyncio.Future[Answer]) -> None:
        self._current = None
        if answer.cancelled():
            return
        result = answer.result()
        if result.stream is None:
            self._finish(request, result)
        elif self._transport is None:
            result.stream.abandon()
        else:
            self._begin_stream(request, result, result.stream)

    def _begin_stream(self, request: _Request, answer: Answer, stream: AnswerStream) -> None:
        """Send an answer in chunks, as its parts come."""
        assert self._transport is not None
        self._stream = stream
        keep_alive = request.keep_alive and not self._front.stopping
        self._transport.write(_head(answer, b"transfer-encoding: chunked\r\n", keep_alive))
        size = 0

        def on_part(data: bytes) -> None:
            nonlocal size
            size += len(data)
            if data and self._transport is not None:  # an empty chunk would end the body
                self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

        def on_end(whole: bool) -> None:
            self._stream = None
            self._log(request, answer.status, size)
            if self._transport is None:
                return
            if not whole:
                self._transport.abort()  # the one way to say in mid-body that it is not all
                return
            self._transport.write(b"0\r\n\r\n")
            self._go_on(keep_alive)

        stream.attach(on_part, on_end)

    def _finish(self, request: _Request, answer: Answer) -> None:
        keep_alive = request.keep_alive and not self._front.stopping
        self._log(request, answer.status, len(answer.body))
        self._write(answer, keep_alive)
        self._go_on(keep_alive)

    def _log(self, request: _Request, status: int, size: int) -> None:
        if request.path != "/ping":  # thirty a second while a model loads; the platform tells what counts
            agent = request.headers.get("user-agent", "-")
            self._front.log.line(self._peer, request.method, request.path, status, size, agent)

    def _go_on(self, keep_alive: bool) -> None:
        """Take the connection's next request, or close it."""
        self._busy = False
        if not keep_alive:
            self._close()
        elif self._queue:
            self._next()
        elif self._transport is not None:
            self._transport.resume_reading()

    def _write(self, answer: Answer, keep_alive: bool) -> None:
        if self._transport is None:
            return
        head = _head(answer, b"content-length: %d\r\n" % len(answer.body), keep_alive)
        if len(answer.body) < 65536:
            self._transport.write(head + answer.body)
        else:
            self._transport.writelines((head, answer.body))
        if not keep_alive:
            self._transport.close()


def _call(request: _Request) -> Call:
    return Call(request.body[0] if len(request.body) == 1 else b"".join(request.body), request.headers)


def _head(answer: Answer, framing: bytes, keep_alive: bool) -> bytes:
    lines = [
        b"HTTP/1.1 %d %s\r\n" % (answer.status, _REASONS.get(answer.status, b"Status")),
        f"content-type: {_clean(answer.content_type)}\r\n".encode("latin-1", "replace"),
        framing,
    ]
    for name, value in answer.headers.items():
        lines.append(f"{_clean(name)}: {_clean(value)}\r\n".encode("latin-1", "replace"))
    if not keep_alive:
        lines.append(b"connection: close\r\n")
    return b"".join((*lines, b"\r\n"))


def _clean(value: object) -> str:
    """Return a header's text without line breaks: a handler's value must not begin another header."""
    return str(value).replace("\r", " ").replace("\n", " ")
