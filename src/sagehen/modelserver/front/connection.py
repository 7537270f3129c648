"""HttpConnection: GET /ping, POST /invocations, one asyncio.Protocol a connection."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque

import httptools

from sagehen.modelserver.answer_stream import AnswerStream
from sagehen.modelserver.front.front import Front
from sagehen.modelserver.front.request import TOO_LARGE, Request, other_answer
from sagehen.modelserver.messages import Answer, Returned, Why
from sagehen.modelserver.sessions.headers import opens_or_closes
from sagehen.modelserver.wire import heads
from sagehen.modelserver.wire.plain_request import Incomplete, parse

# Plain requests in a row before a connection is lent to a worker: who has sent two sends more.
_BEFORE_LENDING = 2
# Whose requests came to a worker in pieces: not lent again.
_NEVER = -(2**62)
# Of a request that a worker could have read at once (`workers/lanes.py`); it reads a little more.
_SMALL_BYTES = 60 * 1024
# Time for what has arrived to be read, before a connection that came back is closed as idle.
_LAST_READ_S = 0.01


class HttpConnection(asyncio.Protocol):
    """Reads requests, answers them in order; lends itself to a worker while its requests are plain.

    Attributes:
        peer: The caller's address, for the access log.
    """

    def __init__(self, front: Front) -> None:
        self._front = front
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._incoming = Request()
        self._is_reading = False
        self._queue: deque[Request] = deque()
        self._current: asyncio.Future[Answer] | None = None
        self._busy = False
        self._stream: AnswerStream | None = None
        self._plain_in_a_row = 0
        self.peer = "127.0.0.1"

    # --- asyncio.Protocol --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: the front knows of the connection, to close it when the server stops."""
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.peer = peer[0]
        self._front.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: what is no HTTP is answered 400, and the connection closed."""
        if not self._is_reading and not self._busy and self._front.models is None and self._read_plain(data):
            return
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
        if not self._busy and not self._is_reading:
            self._close()

    def abort(self) -> None:
        """Cut it: nobody can tell where in a request or in an answer it stands."""
        if self._transport is not None:
            self._transport.abort()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _read_plain(self, data: bytes) -> bool:
        """Take a request that is as nearly all are, and came alone and whole; False where it did not."""
        if len(data) > _SMALL_BYTES:
            return False
        try:
            call = parse(data)
        except Incomplete:
            return False
        if call is None:
            return False
        body = call.body
        self._queue.append(Request("POST", "/invocations", call.headers, [body], len(body), is_plain=True))
        self._next()
        return True

    # --- httptools callbacks -----------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Called by httptools with a request's first byte."""
        self._is_reading = True

    def on_url(self, url: bytes) -> None:
        """Called by httptools: the request's path, with its query."""
        self._incoming.path += url.decode("latin-1")

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
        self._is_reading = False
        request, self._incoming = self._incoming, Request()
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
            request.keep_alive = False
            self._finish(request, TOO_LARGE)
        elif several is not None and path.startswith("/models"):
            self._wait_for(request, several.answer(request.method, path, query, request.call()))
        elif several is None and path == "/invocations" and request.method == "POST":
            self._wait_for(request, self._front.dispatcher.submit(request.call()))
        else:
            ready = self._front.is_ready() and not self._front.stopping
            at_once = self._front.at_once() if self._front.at_once is not None else None
            self._finish(request, other_answer(path, ready, at_once))

    def _wait_for(self, request: Request, answer: asyncio.Future[Answer]) -> None:
        self._current = answer
        answer.add_done_callback(lambda answer: self._answered(request, answer))

    def _answered(self, request: Request, answer: asyncio.Future[Answer]) -> None:
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

    def _begin_stream(self, request: Request, answer: Answer, stream: AnswerStream) -> None:
        """Send an answer in chunks, as its parts come."""
        assert self._transport is not None
        self._front.keep_connections()  # others would wait for the end of a stream
        self._stream = stream
        keep_alive = request.keep_alive and not self._front.stopping
        self._transport.write(heads.head(answer, heads.CHUNKED, keep_alive))
        size = 0

        def on_part(data: bytes) -> None:
            nonlocal size
            size += len(data)
            if data and self._transport is not None:  # an empty chunk would end the body
                self._transport.write(heads.chunk(data))

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

    def _finish(self, request: Request, answer: Answer) -> None:
        keep_alive = request.keep_alive and not self._front.stopping
        self._log(request, answer.status, len(answer.body))
        if answer.headers and opens_or_closes(answer.headers):
            self._front.keep_connections()
        self._plain_in_a_row = self._plain_in_a_row + 1 if request.is_plain else min(self._plain_in_a_row, 0)
        if keep_alive and self._may_lend():
            if self._write_at_once(answer) and self._lend():
                return
        else:
            self._write(answer, keep_alive)
        self._go_on(keep_alive)

    def _log(self, request: Request, status: int, size: int) -> None:
        if request.path != "/ping":  # thirty a second while a model loads; the platform tells what counts
            agent = request.headers.get("user-agent", "-")
            self._front.log.line(self.peer, request.path, status, size, agent, request.method)

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
        head = heads.head(answer, heads.whole(answer), keep_alive)
        if len(answer.body) < 65536:
            self._transport.write(head + answer.body)
        else:
            self._transport.writelines((head, answer.body))
        if not keep_alive:
            self._transport.close()

    # --- lending: see `lanes` ------------------------------------------------------------------

    @property
    def descriptor(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("socket").fileno())

    def _may_lend(self) -> bool:
        lanes = self._front.lanes
        if self._plain_in_a_row < _BEFORE_LENDING or self._queue or self._is_reading:
            return False
        return lanes is not None and lanes.may_lend() and self._transport is not None

    def _write_at_once(self, answer: Answer) -> bool:
        """Write an answer; tell whether all of it is with the system, so that a worker may write the next."""
        assert self._transport is not None
        data = heads.head(answer, heads.whole(answer), True) + answer.body
        sent = 0
        if not self._transport.get_write_buffer_size():
            with contextlib.suppress(OSError):  # what hinders it stands in the way of the rest as well
                sent = os.write(self.descriptor, data)
        if sent < len(data):
            self._transport.write(data[sent:])
        return sent == len(data)

    def _lend(self) -> bool:
        lanes, transport = self._front.lanes, self._transport
        assert lanes is not None and transport is not None
        transport.pause_reading()
        return lanes.lend(self)  # busy until it is taken back

    def take_back(self, returned: Returned) -> None:
        """Go on with a connection that a worker had."""
        if returned.why is Why.PIECES:
            self._plain_in_a_row = _NEVER
        elif returned.why is Why.UNUSUAL:
            self._plain_in_a_row = 0
        if self._transport is None:
            if returned.answer is not None and returned.answer.stream is not None:
                returned.answer.stream.abandon()
            return
        if returned.unsent:
            self._transport.write(returned.unsent)
        if (answer := returned.answer) is not None:
            request = Request("POST", "/invocations")
            if answer.stream is not None:
                self._begin_stream(request, answer, answer.stream)
            else:
                self._finish(request, answer)
            return
        self._go_on(keep_alive=True)
        if returned.unread:
            self.data_received(returned.unread)
        if self._front.stopping:
            asyncio.get_running_loop().call_later(_LAST_READ_S, self.close_if_idle)
