"""One client's connection: uvicorn's HTTP/1.1 protocol under limits of our own.

The first bytes are looked at before uvicorn sees any: CONNECT and `GET http://…` go to the proxy door.
Time limits are checked by the front door's one sweep a second, so that a request costs no timer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from sagehen.domain.addresses import address_of, is_own_address
from sagehen.gateway.connections.file_answering import FileAnswering
from sagehen.gateway.connections.first_line import is_proxy_request
from sagehen.gateway.connections.hall import Hall
from sagehen.gateway.connections.patience import Overdue, Phase, overdue
from sagehen.gateway.connections.plain_socket import unread_bytes
from sagehen.gateway.connections.seats import Seat, Seats

logger = logging.getLogger("sagehen.gateway")

_MAX_PIPELINED = 64  # ours: AWS's clients pipeline nothing
# Before there is a request to answer in its protocol: HTTP's own words.
_REFUSALS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


class Connection(FileAnswering):
    """A connection to the front door.

    Args:
        hall: Settings and counters that all connections share.
        divert: Takes it over where its first bytes (given as well) are a request to a proxy. None inside of a
            CONNECT that was answered, and of TLS in a sandbox: no proxy requests there.
        seats: Where it needs a place.
        from_sandbox: It came through a sandbox's network namespace.
        network_isolated: It may not use the proxy door to other hosts.
        seat: The place that it has already.
        vouched: Tells of a host name whether the certificate that was shown is for it; none was shown by
            default.
    """

    def __init__(
        self,
        hall: Hall,
        divert: Callable[[Connection, bytes], None] | None,
        *,
        seats: Seats,
        from_sandbox: bool,
        network_isolated: bool = False,
        seat: Seat | None = None,
        vouched: Callable[[str], bool] = lambda name: False,
    ) -> None:
        state = {"from_sandbox": from_sandbox, "connection": self}
        super().__init__(hall.uvicorn_config, hall.server_state, state, _loop=asyncio.get_running_loop())
        self.access_log = False
        self.logger = logger
        self.settings = hall.settings
        self._divert = divert
        self.seats = seats
        self.seat = seat
        self.from_sandbox = from_sandbox
        self.network_isolated = network_isolated
        self.vouched = vouched
        self._first: bytes | None = b"" if divert is not None else None
        self._phase: Phase = "head"
        self._since = time.monotonic()
        self._head_bytes = 0
        self._body_bytes = 0
        self._refusal = 400
        self._read_bytes = 0  # of these, read by the client
        self._refused = False
        self._departure: asyncio.Event | None = None
        self.absolute = False  # a request named its host in the request line, as to a proxy

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a seat, or that of the connection idle for longest; answer 503 where there is none."""
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
        """Give the seat back; whoever answers learns it by `closing`."""
        self._gone = True
        self._tell_departure()
        if self._sending is not None:
            self._sending.stop()
        super().connection_lost(exc)
        self.connections.discard(self)
        if self.seat is not None:
            self.seat.leave()

    async def departed(self) -> None:
        """Return when the client has closed the connection, or its half: the two look the same from here."""
        self._departure = self._departure or asyncio.Event()
        if not self._gone:
            await self._departure.wait()

    def _tell_departure(self) -> None:
        if self._departure is not None:
            self._departure.set()

    @property
    def proxied(self) -> bool:
        """Whether its requests are for the hosts that they name, and may lead there."""
        return (self._divert is None or self.absolute) and not self.network_isolated

    @property
    def is_local(self) -> bool:
        """Whether it comes from a program of this machine, outside any sandbox."""
        if self.from_sandbox or self.client is None:
            return False
        peer = address_of(self.client[0])
        return peer.is_loopback or is_own_address(peer)

    def data_received(self, data: bytes) -> None:
        """Tell a request to a proxy from an ordinary one; count what uvicorn's parser is fed of a head."""
        if self._gone or self._refused or self.parser is None:
            return
        if self._first is not None and self._divert is not None:
            data = self._first + data
            proxy = is_proxy_request(data)
            if proxy is None:
                self._first = data
                return
            self._first = None
            if proxy:
                self.connections.discard(self)
                self._divert(self, data)
                return
        limit = self.settings.max_header_bytes
        if self._phase in ("head", "idle"):
            self._head_bytes += len(data)
        super().data_received(data)
        # The parser holds an unfinished header until it ends: count what it was fed.
        if self._phase == "head" and self._head_bytes > limit:
            self._refuse(431)

    def on_message_begin(self) -> None:
        """Begin a head: from here on the header limit, in bytes and in time, counts."""
        super().on_message_begin()
        self._phase, self._since = "head", time.monotonic()
        self.head_size = 0
        # uvicorn lowers names; functions behind REST APIs see them as the client spelled them.
        self.spelled: list[bytes] = []
        self.scope["state"]["spelled"] = self.spelled

    def on_url(self, url: bytes) -> None:
        """Count the request line, which may come in several pieces."""
        super().on_url(url)
        self.head_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the name as it was spelled, count the header, and refuse a head that is too large with 431."""
        super().on_header(name, value)
        self.spelled.append(name)
        self.head_size += len(name) + len(value) + 4
        # At once: one read may bring 60,000 headers of four bytes.
        self._check_head_size()

    def on_headers_complete(self) -> None:
        """Refuse the 65th pipelined request, note a target as proxies get it, and wait for the body."""
        self._check_head_size()
        if len(self.pipeline) >= _MAX_PIPELINED:
            raise ValueError("too many pipelined requests")
        if not self.url.startswith(b"/"):
            self.absolute = True
        super().on_headers_complete()
        self._phase, self._since = "body", time.monotonic()
        self._body_bytes = self._head_bytes = 0

    def _check_head_size(self) -> None:
        if self.head_size > self.settings.max_header_bytes:
            self._refusal = 431
            raise ValueError("header too large")

    def on_body(self, body: bytes) -> None:
        """Count the body: it must come at the least rate that the settings ask for."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request was read whole; where it was answered before that, the connection is idle."""
        super().on_message_complete()
        self._phase = "busy"
        self._head_bytes = 0
        if self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        """The answer is out; where nothing else is pipelined, the connection is idle."""
        super().on_response_complete()
        if self._phase == "busy" and not self.pipeline and self.cycle.response_complete:
            self._rest()

    def _rest(self) -> None:
        self._phase, self._since = "idle", time.monotonic()

    def hand_over(self, send: Callable[..., object]) -> None:
        """Say no more on this connection: whoever takes it sets a protocol of its own on the transport.

        Args:
            send: ASGI's, for the request that is answered so.
        """
        self.give_up(send)
        self.connections.discard(self)
        self._unset_keepalive_if_required()
        self._tell_departure()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a request for another protocol is answered as if it asked for none (RFC 9110, 7.8)."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what uvicorn's parser cannot read, or what a check above found too large."""
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
        self._tell_departure()
        if self.scheme == "http" and self._answering() and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return True
        return False

    def sweep(self, now: float) -> None:
        """Break off what a client has kept waiting for too long. Called about once a second."""
        settings = self.settings
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
        elif self._phase == "body" and self.flow.read_paused:  # it is us who keep the client waiting
            self._since, self._body_bytes = now, 0
        else:
            match overdue(self._phase, waited, self._body_bytes, settings):
                case Overdue.REFUSE:
                    self._refuse(408)
                case Overdue.CLOSE:
                    self.transport.close()
                case Overdue.ABORT:
                    self.transport.abort()
            if self._phase == "body" and waited > settings.body_grace_s:  # judged; the next grace begins
                self._since, self._body_bytes = now, 0
