"""Packets on a stream: each behind its length, two bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_LENGTH = struct.Struct(">H")
# The longest that IPv4 can have.
MOST_BYTES = 65_535


class NoPacket(Exception):
    """What comes is no packet of IPv4."""


def packed(packet: bytes) -> bytes:
    """Return a packet as it is sent."""
    return _LENGTH.pack(len(packet)) + packet


class Packets:
    """Takes bytes as they come and yields packets."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what is complete.

        Raises:
            NoPacket: A length of nothing.
        """
        if self._held:
            data = self._held + data
        at, end = 0, len(data)
        while end - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(data, at)
            if length == 0:
                raise NoPacket("a packet of no bytes")
            if end - at < _LENGTH.size + length:
                break
            at += _LENGTH.size
            yield data[at : at + length]
            at += length
        self._held = data[at:]


def ends_of(packet: bytes) -> tuple[bytes, bytes]:
    """Return from and to which address a packet goes, four bytes each.

    Raises:
        NoPacket: It is none of IPv4 (a device also has IPv6's neighbour discovery, which goes nowhere here).
    """
    if len(packet) < 20 or packet[0] >> 4 != 4:
        raise NoPacket("it is not IPv4")
    return packet[12:16], packet[16:20]
