"""RuntimeApi: one runtime's counterpart."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from sagehen.executors.base import CloseDoor
from sagehen.services.lambda_.execution.company import PREFIXES, Company
from sagehen.services.lambda_.execution.contract import Invocation
from sagehen.services.lambda_.execution.replies import ACCEPTED, Reply, refused
from sagehen.services.lambda_.execution.response_stream import ResponseStream
from sagehen.services.lambda_.execution.runtime_api.answers import MAX_ANSWER_BYTES, Answer, InitError
from sagehen.services.lambda_.execution.runtime_api.connection import Connection, Request

# A function may try to use up the platform's descriptors and memory through this door.
_MAX_CONNECTIONS = 32
# Of each extension and of what supervises them: one waits for events, others ask meanwhile.
_CONNECTIONS_EACH = 4
_PREFIX = "/2018-06-01/runtime/"


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
        self._holding: Connection | None = None
        self._event: Reply | None = None
        self._request_id: str | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._stream: ResponseStream | None = None

    async def serve(self, listener: socket.socket) -> CloseDoor:
        """Answer on `listener` until the returned function is called."""
        server = await asyncio.get_running_loop().create_server(lambda: Connection(self), sock=listener)

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
        self._event = Reply(200, invocation.payload, headers)
        if self._holding is not None:
            self._send_event(self._holding)
        return self._answer

    # --- what the runtime asks ---------------------------------------------------------------

    def asked(self, connection: Connection, method: str, path: str, request: Request) -> Reply | None:
        """Return the response, or None where it comes later."""
        if not path.startswith(_PREFIX):
            if path.startswith(PREFIXES):
                return self._asked_by_company(connection, method, path, request)
            return refused("NotFound", f"No such path: {path}", 404)
        words = path.removeprefix(_PREFIX).split("/")
        match method, words:
            case "GET", ["invocation", "next"]:
                return self._next(connection)
            case "POST", ["invocation", request_id, "response" | "error" as kind]:
                return self._answered(request_id, kind, request)
            case "POST", ["init", "error"]:
                return self._init_failed(request)
        return refused("NotFound", f"No such path: {path}", 404)

    def _asked_by_company(
        self, connection: Connection, method: str, path: str, request: Request
    ) -> Reply | None:
        headers = request.extension_headers or {}
        return self._company.asked(method, path, headers, bytes(request.body), connection, connection.send)

    def opened(self) -> bool:
        """Count one connection more; tell whether it may stay. A runtime needs two or three."""
        self._connections += 1
        return self._connections <= self._most_connections

    def lost(self, connection: Connection) -> None:
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

    def _next(self, connection: Connection) -> Reply | None:
        if not self.initialized.done():
            self.initialized.set_result(None)
            self._company.registry.close()
        self._holding = connection
        if self._event is not None:
            self._send_event(connection)
        return None

    def _send_event(self, connection: Connection) -> None:
        assert self._event is not None
        event, self._event, self._holding = self._event, None, None
        connection.send(event)

    def _answered(self, request_id: str, kind: str, request: Request) -> Reply:
        if self._answer is None or self._answer.done() or request_id != self._request_id:
            return refused("InvalidRequestID", "Invalid request ID", 400)
        if request.stream is None and self._stream is not None and self._stream.has_begun:
            return refused("InvalidStateTransition", "The response has begun already.")
        if request.too_large:
            self._answer.set_result(Answer(b"", too_large=MAX_ANSWER_BYTES))
            return refused(
                "RequestEntityTooLarge",
                f"Exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes).",
                413,
            )
        error_type = (request.error_type or "Runtime.Unknown") if kind == "error" else None
        body = bytes(request.body)
        if kind == "response" and request.streams and request.error_type:
            # Trailers: the response broke off in the middle, and the error's document is in the second one.
            error_type, body = request.error_type, request.error_document()
        self._answer.set_result(Answer(body, error_type))
        return ACCEPTED

    def _init_failed(self, request: Request) -> Reply:
        if self.initialized.done():
            return refused("InvalidStateTransition", "The runtime is initialized already.")
        self.initialized.set_result(InitError(bytes(request.body), request.error_type or "Runtime.Unknown"))
        return ACCEPTED
