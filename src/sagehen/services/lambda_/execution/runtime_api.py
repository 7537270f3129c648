"""The Lambda Runtime API (2018-06-01), served inside one environment's own network.

A protocol of its own instead of an HTTP framework: the two exchanges below are the hot path of
every warm invocation.

    runtime ---- GET  /2018-06-01/runtime/invocation/next -----------> held until there is an event
    runtime <--- 200, the event, its request id and deadline --------
    runtime ---- POST /2018-06-01/runtime/invocation/<id>/response --> the answer (or .../error)
    runtime <--- 202 ------------------------------------------------

Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Extensions are refused: none is started.
"""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass
from typing import Any, cast

import httptools

from sagehen.executors.base import CloseDoor
from sagehen.services.lambda_.execution.contract import Invocation

# What AWS takes from a runtime: 6 MiB and a little for the envelope.
MAX_ANSWER_BYTES = 6_291_556
# A function may try to use up the platform's descriptors and memory through this door.
_MAX_CONNECTIONS = 32
# awslambdaric sends the trace of an error as a header, of up to 1 MiB.
_MAX_HEAD_BYTES = 2 * 1024 * 1024
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
        too_large: It was larger than AWS takes; `payload` is then empty.
    """

    payload: bytes
    error_type: str | None = None
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class InitError:
    """What the runtime told about its failed init."""

    payload: bytes
    error_type: str


class RuntimeApi:
    """One runtime's counterpart: at most one event at a time.

    `initialized` resolves to None when the runtime asks for its first event, or to its error.
    """

    def __init__(self) -> None:
        self.initialized: asyncio.Future[InitError | None] = asyncio.get_running_loop().create_future()
        self._connections = 0
        self._holding: _Connection | None = None
        self._event: bytes | None = None
        self._request_id: str | None = None
        self._answer: asyncio.Future[Answer] | None = None

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
            if path.startswith("/2020-01-01/") or path.startswith("/2022-07-01/"):
                # What refuses extensions says so: one that went on would wait for events for ever.
                return _refusal(403, "Extension.NotSupported", "Extensions and telemetry are not run here.")
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

    def opened(self) -> bool:
        """Count one connection more; tell whether it may stay. A runtime needs two or three."""
        self._connections += 1
        return self._connections <= _MAX_CONNECTIONS

    def lost(self, connection: _Connection) -> None:
        """Forget a connection; an event that comes meanwhile waits for the next one that asks."""
        self._connections -= 1
        if self._holding is connection:
            self._holding = None

    def _next(self, connection: _Connection) -> bytes | None:
        if not self.initialized.done():
            self.initialized.set_result(None)
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
        if request.too_large:
            self._answer.set_result(Answer(b"", too_large=True))
            return _refusal(
                413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes)."
            )
        error_type = (request.error_type or "Runtime.Unknown") if kind == "error" else None
        self._answer.set_result(Answer(bytes(request.body), error_type))
        return _response(202, _ACCEPTED, {"Content-Type": "application/json"})

    def _init_failed(self, request: _Request) -> bytes:
        if self.initialized.done():
            return _refusal(403, "InvalidStateTransition", "The runtime is initialized already.")
        self.initialized.set_result(InitError(bytes(request.body), request.error_type or "Runtime.Unknown"))
        return _response(202, _ACCEPTED, {"Content-Type": "application/json"})


class _Request:
    """One request while it is read."""

    __slots__ = ("body", "error_type", "too_large", "url")

    def __init__(self) -> None:
        self.url = b""
        self.body = bytearray()
        self.error_type: str | None = None
        self.too_large = False


class _Connection(asyncio.Protocol):
    """One connection of the runtime: HTTP/1.1, kept alive. Method names are httptools'."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._parser: Any = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._request = _Request()
        self._has_head = False
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        if not self._api.opened():
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._api.lost(self)

    def data_received(self, data: bytes) -> None:
        if not self._has_head:
            self._head_bytes += len(data)
        try:
            if self._head_bytes > _MAX_HEAD_BYTES and not self._has_head:
                raise httptools.HttpParserError("The head is too long.")
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self._transport is not None:
                self._transport.close()

    def send(self, response: bytes) -> None:
        if self._transport is not None:
            self._transport.write(response)

    def on_message_begin(self) -> None:
        self._request = _Request()

    def on_headers_complete(self) -> None:
        self._has_head = True

    def on_url(self, url: bytes) -> None:
        self._request.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        lowered = name.lower()
        if lowered == b"lambda-runtime-function-error-type":
            self._request.error_type = value.decode("latin-1")
        elif lowered == b"expect":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        request = self._request
        if len(request.body) + len(data) > MAX_ANSWER_BYTES:
            request.too_large = True
            request.body.clear()
        if not request.too_large:
            request.body += data

    def on_message_complete(self) -> None:
        self._has_head, self._head_bytes = False, 0
        path = self._request.url.decode("latin-1").partition("?")[0]
        method = self._parser.get_method().decode("ascii")
        response = self._api.asked(self, method, path, self._request)
        if response is not None:
            self.send(response)


def _response(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _refusal(status: int, error_type: str, message: str) -> bytes:
    document = json.dumps({"errorMessage": message, "errorType": error_type}).encode()
    return _response(status, document, {"Content-Type": "application/json"})
