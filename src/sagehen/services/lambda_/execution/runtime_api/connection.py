"""Connection: HTTP/1.1 with a runtime or an extension, kept alive; its requests as they are read."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, Protocol, cast

import httptools

from sagehen.services.lambda_.execution.replies import Reply
from sagehen.services.lambda_.execution.response_stream import MOST_BYTES, ResponseStream
from sagehen.services.lambda_.execution.runtime_api.answers import MAX_ANSWER_BYTES, Answer

# awslambdaric sends the trace of an error as a header, of up to 1 MiB. Trailers have the same bound.
_MAX_HEAD_BYTES = 2 * 1024 * 1024
_MOST_EXTENSION_HEADERS = 16
# Requests that come in one read of up to 256 KiB: nobody asks again before he has his answer, and 13,000 of
# them would hold the loop for a tenth of a second.
_MOST_AT_ONCE = 64
_LAST_WORDS_S = 0.5
_REASONS = {
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Too Large",
}


class Api(Protocol):
    """What a connection asks, see `RuntimeApi`."""

    def opened(self) -> bool: ...
    def lost(self, connection: Connection) -> None: ...
    def asked(self, connection: Connection, method: str, path: str, request: Request) -> Reply | None: ...
    def stream_for(
        self, path: str, content_type: str, on_room: Callable[[], None]
    ) -> ResponseStream | None: ...
    def broken(self, stream: ResponseStream, answer: Answer) -> None: ...


class Request:
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


class Connection(asyncio.Protocol):
    """One connection of the runtime: HTTP/1.1, kept alive. Method names are httptools'."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._parser: Any = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._request = Request()
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

    def send(self, reply: Reply) -> None:
        """Answer, if anybody is still there to hear it."""
        self._write(_written(reply))

    def _write(self, response: bytes) -> None:
        if self._transport is not None:
            self._transport.write(response)

    def on_message_begin(self) -> None:
        self._request = Request()

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
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

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

    def _pass_on(self, request: Request, stream: ResponseStream, data: bytes) -> None:
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
        request, self._request = self._request, Request()
        response = self._api.asked(self, method, request.path, request)
        if response is not None:
            self.send(response)


def _written(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {_REASONS[reply.status]}", f"Content-Length: {len(reply.body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body
