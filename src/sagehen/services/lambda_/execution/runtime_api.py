"""The Lambda Runtime API (2018-06-01), served inside one environment's own network.

A protocol of its own instead of an HTTP framework: the two exchanges below are the hot path of
every warm invocation.

    runtime ---- GET  /2018-06-01/runtime/invocation/next -----------> held until there is an event
    runtime <--- 200, the event, its request id and deadline --------
    runtime ---- POST /2018-06-01/runtime/invocation/<id>/response --> the answer (or .../error)
    runtime <--- 202 ------------------------------------------------

A response in mode `streaming` goes on piece by piece while it is read; what failed on the way, trailers tell.

What extensions ask at the same address is their company's to answer.

Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httptools

from sagehen.executors.base import CloseDoor
from sagehen.services.lambda_.execution.company import PREFIXES, Company
from sagehen.services.lambda_.execution.contract import Invocation
from sagehen.services.lambda_.execution.replies import Reply
from sagehen.services.lambda_.execution.response_stream import MOST_BYTES, ResponseStream

# What AWS takes from a runtime: 6 MiB and a little for the envelope.
MAX_ANSWER_BYTES = 6_291_556
# A function may try to use up the platform's descriptors and memory through this door.
_MAX_CONNECTIONS = 32
# Of each extension and of what supervises them: one waits for events, others ask meanwhile.
_CONNECTIONS_EACH = 4
# awslambdaric sends the trace of an error as a header, of up to 1 MiB. Trailers have the same bound.
_MAX_HEAD_BYTES = 2 * 1024 * 1024
_MOST_EXTENSION_HEADERS = 16
# Requests that come in one read of up to 256 KiB: nobody asks again before he has his answer, and 13,000 of
# them would hold the loop for a tenth of a second.
_MOST_AT_ONCE = 64
_LAST_WORDS_S = 0.5
_PREFIX = "/2018-06-01/runtime/"
_REASONS = {
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Too Large",
}
_ACCEPTED = b'{"status":"OK"}\n'


@dataclass(frozen=True, slots=True)
class Answer:
    """What the runtime made of an event.

    Args:
        payload: The answer, or the error document.
        error_type: Of `Lambda-Runtime-Function-Error-Type`; None where the handler returned.
        too_large: The bytes that AWS takes, where it was larger; `payload` is then empty.
        truncated: It began and did not come to its end.
    """

    payload: bytes
    error_type: str | None = None
    too_large: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class InitError:
    """What the runtime told about its failed init."""

    payload: bytes
    error_type: str


class RuntimeApi:
    """One runtime's counterpart: at most one event at a time.

    `initialized` resolves to None when the runtime asks for its first event, or to its error.

    Args:
        company: What runs beside it.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._most_connections = _MAX_CONNECTIONS + _CONNECTIONS_EACH * len(company.registry)
        self.initialized: asyncio.Future[InitError | None] = asyncio.get_running_loop().create_future()
        self._connections = 0
        self._holding: _Connection | None = None
        self._event: bytes | None = None
        self._request_id: str | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._stream: ResponseStream | None = None

    async def serve(self, listener: socket.socket) -> CloseDoor:
        """Answer on `listener` until the returned function is called."""
        server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), sock=listener)

        async def close() -> None:
            server.close()

        return close

    def deliver(self, invocation: Invocation, deadline_ms: int, trace_id: str) -> asyncio.Future[Answer]:
        """Hand an event to the runtime, now or as soon as it asks.

        Args:
            invocation: The event.
            deadline_ms: When its time is over, in ms since the epoch.
            trace_id: The X-Ray header that the function sees.
        """
        self._answer = asyncio.get_running_loop().create_future()
        self._request_id = invocation.request_id
        self._stream = invocation.stream
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.invoked_arn,
            "Lambda-Runtime-Trace-Id": trace_id,
        }
        if invocation.client_context:
            # Chosen by the caller: it may not end the header.
            headers["Lambda-Runtime-Client-Context"] = " ".join(invocation.client_context.splitlines())
        self._event = _response(200, invocation.payload, headers)
        if self._holding is not None:
            self._send_event(self._holding)
        return self._answer

    # --- what the runtime asks ---------------------------------------------------------------

    def asked(self, connection: _Connection, method: str, path: str, request: _Request) -> bytes | None:
        """Return the response, or None where it comes later."""
        if not path.startswith(_PREFIX):
            if path.startswith(PREFIXES):
                return self._asked_by_company(connection, method, path, request)
            return _refusal(404, "NotFound", f"No such path: {path}")
        words = path.removeprefix(_PREFIX).split("/")
        match method, words:
            case "GET", ["invocation", "next"]:
                return self._next(connection)
            case "POST", ["invocation", request_id, "response" | "error" as kind]:
                return self._answered(request_id, kind, request)
            case "POST", ["init", "error"]:
                return self._init_failed(request)
        return _refusal(404, "NotFound", f"No such path: {path}")

    def _asked_by_company(
        self, connection: _Connection, method: str, path: str, request: _Request
    ) -> bytes | None:
        headers = request.extension_headers or {}
        reply = self._company.asked(
            method,
            path,
            headers,
            bytes(request.body),
            connection,
            lambda later: connection.send(_sent(later)),
        )
        return None if reply is None else _sent(reply)

    def opened(self) -> bool:
        """Count one connection more; tell whether it may stay. A runtime needs two or three."""
        self._connections += 1
        return self._connections <= self._most_connections

    def lost(self, connection: _Connection) -> None:
        """Forget a connection; an event that comes meanwhile waits for the next one that asks."""
        self._connections -= 1
        if self._holding is connection:
            self._holding = None
        self._company.registry.lost(connection)

    def stream_for(self, path: str, content_type: str, on_room: Callable[[], None]) -> ResponseStream | None:
        """Return where the pieces of a response go; None where it is to be taken as a whole."""
        stream = self._stream
        wanted = f"{_PREFIX}invocation/{self._request_id}/response"
        if stream is None or path != wanted or self._answer is None or self._answer.done():
            return None
        if stream.has_begun:  # one answer is enough; the second is refused when it is complete
            return None
        stream.begin(content_type, on_room)
        return stream

    def broken(self, stream: ResponseStream, answer: Answer) -> None:
        """End a streamed response that cannot come to its end, unless another invocation is under way."""
        if self._stream is stream and self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _next(self, connection: _Connection) -> bytes | None:
        if not self.initialized.done():
            self.initialized.set_result(None)
            self._company.registry.close()
        self._holding = connection
        if self._event is not None:
            self._send_event(connection)
        return None

    def _send_event(self, connection: _Connection) -> None:
        assert self._event is not None
        event, self._event, self._holding = self._event, None, None
        connection.send(event)

    def _answered(self, request_id: str, kind: str, request: _Request) -> bytes:
        if self._answer is None or self._answer.done() or request_id != self._request_id:
            return _refusal(400, "InvalidRequestID", "Invalid request ID")
        if request.stream is None and self._stream is not None and self._stream.has_begun:
            return _refusal(403, "InvalidStateTransition", "The response has begun already.")
        if request.too_large:
            self._answer.set_result(Answer(b"", too_large=MAX_ANSWER_BYTES))
            return _refusal(
                413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes)."
            )
        error_type = (request.error_type or "Runtime.Unknown") if kind == "error" else None
        body = bytes(request.body)
        if kind == "response" and request.streams and request.error_type:
            # Trailers: the response broke off in the middle, and the error's document is in the second one.
            error_type, body = request.error_type, request.error_document()
        self._answer.set_result(Answer(body, error_type))
        return _response(202, _ACCEPTED, {"Content-Type": "application/json"})

    def _init_failed(self, request: _Request) -> bytes:
        if self.initialized.done():
            return _refusal(403, "InvalidStateTransition", "The runtime is initialized already.")
        self.initialized.set_result(InitError(bytes(request.body), request.error_type or "Runtime.Unknown"))
        return _response(202, _ACCEPTED, {"Content-Type": "application/json"})


class _Request:
    """One request while it is read."""

    __slots__ = ("body", "content_type", "error_body", "error_type", "extension_headers", "passed_on",
                 "stream", "streams", "too_large", "url")  # fmt: skip

    def __init__(self) -> None:
        self.url = b""
        self.body = bytearray()
        self.content_type = "application/octet-stream"
        self.error_type: str | None = None
        self.error_body = b""
        self.extension_headers: dict[str, str] | None = None
        self.streams = False
        self.stream: ResponseStream | None = None
        self.passed_on = 0
        self.too_large = False

    @property
    def path(self) -> str:
        return self.url.decode("latin-1").partition("?")[0]

    def error_document(self) -> bytes:
        """Return what `Lambda-Runtime-Function-Error-Body` holds, in base64; one that names the type else."""
        try:
            decoded = base64.b64decode(self.error_body, validate=True)
        except binascii.Error:
            decoded = b""
        return decoded or json.dumps({"errorType": self.error_type}).encode()


class _Connection(asyncio.Protocol):
    """One connection of the runtime: HTTP/1.1, kept alive. Method names are httptools'."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._parser: Any = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._request = _Request()
        self._has_head = False
        self._head_bytes = 0
        self._unread_bytes = 0
        self._at_once = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        if not self._api.opened():
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._request.stream is not None:
            broken = Answer(b"", truncated=True)
            # Where the runtime is dead, how it ended tells more; its end is noticed a little later.
            asyncio.get_running_loop().call_later(
                _LAST_WORDS_S, self._api.broken, self._request.stream, broken
            )
        self._api.lost(self)

    def data_received(self, data: bytes) -> None:
        if not self._has_head:
            self._head_bytes += len(data)
        self._unread_bytes += len(data)
        self._at_once = 0
        try:
            if self._head_bytes > _MAX_HEAD_BYTES and not self._has_head:
                raise httptools.HttpParserError("The head is too long.")
            if self._unread_bytes > _MAX_HEAD_BYTES + len(data):  # the parser holds one trailer as a whole
                raise httptools.HttpParserError("A trailer is too long.")
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self._transport is not None:
                self._transport.close()

    def pause_writing(self) -> None:
        """Who asks without reading answers is not heard before he does: they would lie here."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        # A stream that waits for room as well says so again with its next piece.
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def send(self, response: bytes) -> None:
        if self._transport is not None:
            self._transport.write(response)

    def on_message_begin(self) -> None:
        self._request = _Request()

    def on_headers_complete(self) -> None:
        self._has_head = True
        request = self._request
        if request.streams and self._parser.get_method() == b"POST":
            request.stream = self._api.stream_for(request.path, request.content_type, self._go_on)

    def _go_on(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def on_url(self, url: bytes) -> None:
        self._request.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._unread_bytes = 0
        lowered = name.lower()
        if lowered == b"lambda-runtime-function-error-type":
            self._request.error_type = value.decode("latin-1")
        elif lowered == b"lambda-runtime-function-error-body":
            self._request.error_body = value
        elif lowered == b"lambda-runtime-function-response-mode":
            self._request.streams = value.strip().lower() == b"streaming"
        elif lowered == b"content-type":
            self._request.content_type = value.decode("latin-1")
        elif lowered.startswith(b"lambda-extension-"):
            kept = self._request.extension_headers = self._request.extension_headers or {}
            if len(kept) < _MOST_EXTENSION_HEADERS:
                # Names of files are bytes.
                kept[lowered.decode("latin-1")] = value.decode("utf-8", "surrogateescape")
        elif lowered == b"expect":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        self._unread_bytes = 0
        request = self._request
        if request.stream is not None:
            self._pass_on(request, request.stream, data)
            return
        if len(request.body) + len(data) > MAX_ANSWER_BYTES:
            request.too_large = True
            request.body.clear()
        if not request.too_large:
            request.body += data

    def _pass_on(self, request: _Request, stream: ResponseStream, data: bytes) -> None:
        request.passed_on += len(data)
        if request.passed_on > MOST_BYTES:
            self._api.broken(stream, Answer(b"", too_large=MOST_BYTES))
        elif stream.feed(data) and self._transport is not None:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        self._has_head, self._head_bytes, self._unread_bytes = False, 0, 0
        self._at_once += 1
        if self._at_once > _MOST_AT_ONCE:
            raise httptools.HttpParserError("Too many requests at once.")
        method = self._parser.get_method().decode("ascii")
        request, self._request = self._request, _Request()
        response = self._api.asked(self, method, request.path, request)
        if response is not None:
            self.send(response)


def _sent(reply: Reply) -> bytes:
    return _response(reply.status, reply.body, reply.headers)


def _response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _refusal(status: int, error_type: str, message: str) -> bytes:
    document = json.dumps({"errorMessage": message, "errorType": error_type}).encode()
    return _response(status, document, {"Content-Type": "application/json"})
