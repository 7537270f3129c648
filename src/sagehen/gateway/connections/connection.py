"""One client's connection: uvicorn's HTTP/1.1 protocol under limits of our own.

The first bytes are looked at before uvicorn sees any: CONNECT and `GET http://…` go to the proxy door.
Time limits are checked by the front door's one sweep a second, so that a request costs no timer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from sagehen.domain.addresses import address_of, is_own_address
from sagehen.gateway.connections.first_line import is_proxy_request
from sagehen.gateway.connections.plain_socket import plain_socket, unread_bytes
from sagehen.gateway.connections.seats import Seat, Seats
from sagehen.gateway.connections.send_file import FileSending

if TYPE_CHECKING:
    from sagehen.gateway.door.front_door import FrontDoor

logger = logging.getLogger("sagehen.gateway")

_MAX_PIPELINED = 64
# Below this, the ways into a thread and back cost more than the bytes' way through Python.
_LEAST_SENT_AROUND = 256 * 1024
_REFUSALS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


class ClientGone(Exception):
    """The client closed the connection while it was being answered."""


class Connection(HttpToolsProtocol):
    """A connection to the front door.

    Args:
        door: Settings, counters, and the door to other hosts.
        seats: Where it needs a place.
        from_sandbox: It came through a sandbox's network namespace.
        network_isolated: It may not use the proxy door to other hosts.
        inside_tunnel: It speaks inside of a CONNECT that was answered: no proxy requests here.
        seat: The place that it has already.
    """

    def __init__(
        self,
        door: FrontDoor,
        *,
        seats: Seats,
        from_sandbox: bool,
        network_isolated: bool = False,
        inside_tunnel: bool = False,
        seat: Seat | None = None,
    ) -> None:
        state = {"from_sandbox": from_sandbox, "connection": self}
        super().__init__(door.uvicorn_config, door.server_state, state, _loop=asyncio.get_running_loop())
        self.access_log = False
        self.logger = logger
        self.door = door
        self.seats = seats
        self.seat = seat
        self.from_sandbox = from_sandbox
        self.network_isolated = network_isolated
        self._first: bytes | None = None if inside_tunnel else b""
        self._phase = "head"  # idle, head, body, busy
        self._since = time.monotonic()
        self._head_bytes = 0
        self._body_bytes = 0
        self._refusal = 400
        self.handed_bytes = 0  # of answers, given to the transport
        self._read_bytes = 0  # of these, read by the client
        self._gone = False
        self._refused = False
        self._sending: FileSending | None = None  # the answer's file, around the transport
        self.absolute = False  # a request named its host in the request line, as to a proxy
        self._inside_tunnel = inside_tunnel

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.seat is None:
            self.seat = self.seats.take() or self._seat_of_longest_idle()
        if self.seat is None:
            self._refuse(503)

    def _seat_of_longest_idle(self) -> Seat | None:
        """Close the connection that has been kept for longest without a request, and take its place.

        Clients keep connections in case they want something again, and make new ones where one is gone;
        who wants something now goes first. A sandbox takes no place of who started it.
        """
        full_here = self.seats.is_full
        idle = [
            other
            for other in self.connections
            if isinstance(other, Connection)
            and other._phase == "idle"
            and other.seat is not None
            and not other.closing
            and (other.seats.is_within(self.seats) if full_here else other.from_sandbox)
        ]
        if not idle:
            return None
        longest = min(idle, key=lambda other: other._since)
        if longest.seat is not None:
            longest.seat.leave()
        longest.transport.close()
        return self.seats.take()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone = True
        if self._sending is not None:
            self._sending.stop()
        super().connection_lost(exc)
        self.connections.discard(self)
        if self.seat is not None:
            self.seat.leave()

    @property
    def closing(self) -> bool:
        """Whether answering is of no use any more."""
        return self._gone or self.transport.is_closing()

    @property
    def proxied(self) -> bool:
        """Whether its requests are for the hosts that they name, and may lead there."""
        return (self._inside_tunnel or self.absolute) and not self.network_isolated

    @property
    def is_local(self) -> bool:
        """Whether it comes from a program of this machine, outside any sandbox."""
        if self.from_sandbox or self.client is None:
            return False
        peer = address_of(self.client[0])
        return peer.is_loopback or is_own_address(peer)

    def data_received(self, data: bytes) -> None:
        if self._gone or self._refused or self.parser is None:
            return
        if self._first is not None:
            data = self._first + data
            proxy = is_proxy_request(data)
            if proxy is None:
                self._first = data
                return
            self._first = None
            if proxy:
                self.connections.discard(self)
                self.door.proxy(self, data)
                return
        limit = self.door.settings.max_header_bytes
        if self._phase in ("head", "idle"):
            self._head_bytes += len(data)
        super().data_received(data)
        # The parser holds an unfinished header until it ends: count what it was fed.
        if self._phase == "head" and self._head_bytes > limit:
            self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._phase, self._since = "head", time.monotonic()
        self.head_size = 0
        # uvicorn lowers names; functions behind REST APIs see them as the client spelled them.
        self.spelled: list[bytes] = []
        self.scope["state"]["spelled"] = self.spelled

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self.head_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self.spelled.append(name)
        self.head_size += len(name) + len(value) + 4
        # At once: one read may bring 60,000 headers of four bytes.
        self._check_head_size()

    def on_headers_complete(self) -> None:
        self._check_head_size()
        if len(self.pipeline) >= _MAX_PIPELINED:
            raise ValueError("too many pipelined requests")
        if not self.url.startswith(b"/"):
            self.absolute = True
        super().on_headers_complete()
        self._phase, self._since = "body", time.monotonic()
        self._body_bytes = self._head_bytes = 0

    def _check_head_size(self) -> None:
        if self.head_size > self.door.settings.max_header_bytes:
            self._refusal = 431
            raise ValueError("header too large")

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._phase = "busy"
        self._head_bytes = 0
        if self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._phase == "busy" and not self.pipeline and self.cycle.response_complete:
            self._rest()

    def _rest(self) -> None:
        self._phase, self._since = "idle", time.monotonic()

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal)

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        self._refused = True
        if self._answering():  # requests before this one get their answers, and are the last
            if self.cycle.more_body:
                self.transport.close()
            else:
                self.cycle.keep_alive = False
            return
        reason = _REFUSALS[status]
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nserver: Sagehen\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%s" % (status, reason, len(reason), reason)
        )
        self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def eof_received(self) -> bool:  # type: ignore[override]
        """Let a client that has said all it wanted (`nc -N`) read its answer; TLS knows no half-closing."""
        if self.scheme == "http" and self._answering() and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return True
        return False

    def give_up(self, send: Callable[..., object]) -> None:
        """Note that nobody reads the answers under way, so that uvicorn does not take it for a mistake.

        Args:
            send: Where the answer went that met with it.
        """
        for cycle in (_cycle_of(send), self.cycle, *(cycle for cycle, _ in self.pipeline)):
            if cycle is not None:
                cycle.disconnected = True

    async def send_file(self, send: Callable[..., object], file: int, offset: int, count: int) -> int:
        """Send the body of an answer from a file, around the transport, after its headers.

        Args:
            send: ASGI's, as uvicorn gave it to the application for this answer.
            file: The open file's descriptor.
            offset: Where the body begins in it.
            count: Length of the body in bytes.

        Returns:
            Bytes sent. If these are all, the answer is over; if not, the rest must go the usual way: the
            body is small, the connection no plain socket, or the file ended or cannot be sent so.

        Raises:
            ClientGone: Nobody reads any more.
        """
        cycle = _cycle_of(send)
        if cycle is None or cycle.expected_content_length != count:
            return 0
        if count < _LEAST_SENT_AROUND or plain_socket(self.transport) is None:
            return 0
        await self._drained()
        sent = await self._send_around(file, offset, count)
        cycle.expected_content_length -= sent  # uvicorn counts down what it still expects of a body
        if sent == count:
            await cycle.send({"type": "http.response.body", "body": b"", "more_body": False})
        elif self.closing:
            raise ClientGone
        return sent

    async def _send_around(self, file: int, offset: int, count: int) -> int:
        descriptor = plain_socket(self.transport)
        if descriptor is None:
            raise ClientGone
        if self.transport.get_write_buffer_size():
            return 0  # what lies there must come first
        try:
            sending = self._sending = FileSending(descriptor, file)
        except OSError:
            return 0  # out of descriptors; the usual way needs no more of them
        try:
            await sending.send(offset, count)
        except (ConnectionError, TimeoutError) as error:
            self.transport.abort()
            raise ClientGone from error
        finally:
            self._sending = None
            self.handed_bytes += sending.sent
            sending.close()
        return sending.sent

    async def _drained(self) -> None:
        """Wait until all that the transport was given is with the kernel."""
        if not self.transport.get_write_buffer_size():
            return
        low, high = self.transport.get_write_buffer_limits()
        self.transport.set_write_buffer_limits(0)  # uvicorn is told of the next change, which is "empty"
        try:
            await self.flow.drain()
        finally:
            if not self.transport.is_closing():
                self.transport.set_write_buffer_limits(high, low)

    def sweep(self, now: float) -> None:
        """Break off what a client has kept waiting for too long. Called about once a second."""
        settings = self.door.settings
        if self.flow is None or self.transport.is_closing():
            if self.transport is not None and now - self._since > settings.write_stall_s:
                self.transport.abort()
            return
        waited = now - self._since
        sending = self._sending
        if self.flow.write_paused or (sending is not None and sending.waiting):
            handed = self.handed_bytes + (sending.sent if sending is not None else 0)
            read_bytes = handed - unread_bytes(self.transport)
            if read_bytes != self._read_bytes:
                self._read_bytes, self._since = read_bytes, now
            elif waited > settings.write_stall_s:
                self.transport.abort()
        elif self._phase == "head" and waited > settings.header_timeout_s:
            self._refuse(408)
        elif self._phase == "idle" and waited > settings.idle_timeout_s:
            self.transport.close()
        elif self._phase == "body":
            if self.flow.read_paused:  # it is us who keep the client waiting
                self._since, self._body_bytes = now, 0
            elif waited > settings.body_grace_s:
                if self._body_bytes < settings.body_min_rate * waited:
                    self.transport.abort()
                self._since, self._body_bytes = now, 0


def _cycle_of(send: Callable[..., object]) -> RequestResponseCycle | None:
    """Return uvicorn's object for one request and its answer, whose method ASGI's `send` is.

    `Connection.cycle` is the latest request's; where requests are pipelined, that is another one. If a
    later uvicorn passes something else, files take the usual way: test_large_answers.py notices.
    """
    cycle = getattr(send, "__self__", None)
    return cycle if isinstance(cycle, RequestResponseCycle) else None
