"""Frames: what is written on a link, and how it is read. Nothing of it touches a connection.

A frame is a kind (1 byte), a stream's number (8), a length (4) and so many bytes. Who dialled opens streams
with odd
numbers, who was dialled with even ones; numbers only grow, so that a late frame of a stream that has ended is
told from a wrong one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct(">BQI")
# Of data: 50 us of a core to encrypt, so that a short message does not wait long behind it.
PIECE_BYTES = 64 * 1024
# Of everything else: arguments are 64 KiB at most (`streams.Handler`), with some room for their kind.
MOST_TOLD_BYTES = 66 * 1024
MOST_REASON_BYTES = 1024


class Kind(IntEnum):
    """What a frame says."""

    OPEN = 1  # a kind's length (1 byte), the kind, arguments as JSON
    OPENED = 2
    DATA = 3
    CREDIT = 4  # how many bytes more may be sent (4 bytes)
    FINISH = 5
    RESET = 6  # why, in UTF-8
    PING = 7
    PONG = 8


class BadFrame(Exception):
    """The peer does not keep to this; the link is given up."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What was read: a whole frame, or as much of one with data as has come.

    Args:
        kind: What it says.
        stream: Of which stream; 0 for pings.
        content: Its bytes.
    """

    kind: Kind
    stream: int
    content: bytes


def frame(kind: Kind, stream: int, content: bytes = b"") -> bytes:
    """Return a frame as it is written."""
    return HEADER.pack(kind, stream, len(content)) + content


def opening(stream: int, kind: str, arguments: bytes) -> bytes:
    """Return the frame that opens a stream.

    Raises:
        ValueError: The kind or its arguments are too long.
    """
    name = kind.encode("ascii")
    if not 0 < len(name) < 64 or len(arguments) > 64 * 1024:
        raise ValueError("a kind has 1 to 63 letters, and 64 KiB of arguments at most")
    return frame(Kind.OPEN, stream, bytes([len(name)]) + name + arguments)


def opened_kind(content: bytes) -> tuple[str, bytes]:
    """Return kind and arguments of an OPEN frame.

    Raises:
        BadFrame: It has none.
    """
    length = content[0] if content else 0
    if not 0 < length < 64 or len(content) < 1 + length:
        raise BadFrame("a stream is opened without a kind")
    try:
        return content[1 : 1 + length].decode("ascii"), content[1 + length :]
    except UnicodeDecodeError:
        raise BadFrame("a kind that is no text") from None


class Reader:
    """Takes bytes as they come and yields frames; holds one unfinished frame that is not data, at most."""

    def __init__(self) -> None:
        self._held = b""  # bytes of a header, or of a frame that is told whole
        self._stream = 0
        self._left = 0  # of a frame with data

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield what is complete. The next call comes when this one is exhausted.

        Raises:
            BadFrame: The peer writes something else.
        """
        if self._held:
            data = self._held + data
            self._held = b""
        at, end = 0, len(data)
        while at < end:
            if self._left:
                piece = data[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                yield Frame(Kind.DATA, self._stream, piece)
                continue
            if end - at < HEADER.size:
                break
            number, stream, length = HEADER.unpack_from(data, at)
            try:
                kind = Kind(number)
            except ValueError:
                raise BadFrame(f"no kind of frame: {number}") from None
            if kind is Kind.DATA:
                if not 0 < length <= PIECE_BYTES:
                    raise BadFrame(f"{length} bytes of data")
                self._stream, self._left = stream, length
                at += HEADER.size
                continue
            if length > MOST_TOLD_BYTES:
                raise BadFrame(f"{length} bytes of {kind.name}")
            if end - at < HEADER.size + length:
                break
            at += HEADER.size
            yield Frame(kind, stream, data[at : at + length])
            at += length
        self._held = data[at:]
