"""Blind tunnels to other hosts, and the rule of where they may lead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sagehen.domain.addresses import address_of, is_own_address
from sagehen.domain.metadata_services import is_metadata_service
from sagehen.domain.timeouts import timeout
from sagehen.gateway.outside.internet import Internet

End = TypeVar("End", bound=asyncio.BaseProtocol)

_HELD_BYTES = 64 * 1024  # of a client that talks before the other end is there
_CONNECT_TIMEOUT_S = 15.0  # for the name, and again for each address
# Of a name's addresses, each judged by a socket and tried with a timeout of its own: who chose the name may
# have chosen them too.
_MOST_ADDRESSES = 4


class TunnelRefused(Exception):
    """The tunnel may not lead there, or nobody answers there. `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def refusal_of(address: str, port: int, *, is_local: bool, own_ports: Collection[int]) -> str | None:
    """Say why no tunnel may lead to a resolved address; None if one may.

    Sandboxes, and other machines where the door is open to them, reach the internet but neither this
    machine nor cloud metadata; its own programs may reach it too, but not the platform through itself.
    """
    ip = address_of(address)
    if is_metadata_service(ip) or ip.is_multicast or ip.is_unspecified:
        return "link-local, multicast and unspecified addresses are closed"
    if not ip.is_loopback and not is_own_address(ip):
        return None
    if not is_local:
        return "only its own programs may reach this machine"
    if port in own_ports:
        return "this is the platform itself"
    return None


async def connect(
    host: str,
    port: int,
    *,
    internet: Internet,
    is_local: bool,
    own_ports: Collection[int],
    factory: Callable[[], End],
) -> tuple[asyncio.Transport, End]:
    """Connect to the very address that was checked: a name that resolves anew cannot lead elsewhere.

    Args:
        factory: Makes the protocol of the far end.

    Raises:
        TunnelRefused: Not allowed (403), not found or not reachable (502).
    """
    try:
        async with timeout(_CONNECT_TIMEOUT_S):
            found = (await internet.addresses(host, port))[:_MOST_ADDRESSES]
    except (OSError, TimeoutError, UnicodeError) as error:
        raise TunnelRefused(502, f"{host}: {error}") from error
    refused: str | None = None
    failure: Exception | None = None
    for _, address in found:
        refused = refusal_of(address, port, is_local=is_local, own_ports=own_ports) or refused
    if refused is not None:  # one closed address closes the name: no choosing between them
        raise TunnelRefused(403, f"{host}:{port}: {refused}")
    for family, address in found:
        try:
            async with timeout(_CONNECT_TIMEOUT_S):
                return await internet.dial(factory, family, address, port)
        except (OSError, TimeoutError) as error:
            failure = error
    raise TunnelRefused(502, f"{host}:{port}: {failure or 'no address'}")


class TunnelEnd(asyncio.Protocol):
    """One end of a tunnel: what it receives goes to the other end, no faster than that can send it on."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.last_active = time.monotonic()
        self._other: TunnelEnd | None = None
        self._held = bytearray()
        self._ended = False
        self._lost = False

    def pair(self, other: TunnelEnd, first: bytes) -> None:
        """Join two ends; `first` are bytes that this end's client sent before."""
        self._other, other._other = other, self
        for end, early in ((self, first), (other, b"")):
            if early or end._held:
                end._pass_on(early + end.held)
                end._held.clear()
            if end.transport is not None:
                end.transport.resume_reading()
            if end._ended:
                end._pass_on_end()
        if other._lost:
            self.close_softly()

    @property
    def held(self) -> bytes:
        """What was received and not passed on yet."""
        return bytes(self._held)

    @property
    def quiet_since(self) -> float:
        """When either end last received something (time.monotonic)."""
        return max(self.last_active, self._other.last_active if self._other else 0.0)

    def close(self) -> None:
        """Break both ends off."""
        for end in (self, self._other):
            if end is not None and end.transport is not None:
                end.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Know the transport; uvloop's are no subclasses of asyncio's."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Pass bytes on, or hold up to 64 kB of them until there is another end."""
        self.last_active = time.monotonic()
        if self._other is not None:
            self._pass_on(data)
            return
        self._held += data
        if len(self._held) > _HELD_BYTES and self.transport is not None:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """Pass the end of one direction on, and keep the other one open."""
        self._ended = True
        if self._other is not None:
            self._pass_on_end()
        return True  # the other direction may still have something to say

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the other end send what it still holds, and close it."""
        self._lost = True
        if self._other is None:
            return
        if self._other._lost:
            self.both_lost()
            self._other.both_lost()
        elif self._other.transport is not None:
            self._other.transport.close()  # when it has sent what it holds, which its peer may not read

    def both_lost(self) -> None:
        """Nothing is open any more."""

    def pause_writing(self) -> None:
        """Read no more from the other end while this one's peer does not take what it has."""
        if self._other is not None and self._other.transport is not None:
            self._other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on from the other end."""
        if self._other is not None and self._other.transport is not None:
            self._other.transport.resume_reading()

    def _pass_on(self, data: bytes) -> None:
        assert self._other is not None
        transport = self._other.transport
        if transport is not None and not transport.is_closing():
            transport.write(data)

    def _pass_on_end(self) -> None:
        assert self._other is not None
        transport: Any = self._other.transport
        if self._other._ended:  # both have finished
            self.close_softly()
        elif transport is not None and not transport.is_closing() and transport.can_write_eof():
            transport.write_eof()

    def close_softly(self) -> None:
        """Close both ends after what they still have to send."""
        for end in (self, self._other):
            if end is not None and end.transport is not None:
                end.transport.close()
