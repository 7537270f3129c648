"""SplitType: a stream of bytes cut into records, piece by piece.

Documented (TransformInput, SplitType) by name; the formats are those of MXNet's RecordIO and of TFRecord. The
framing of a binary record stays around it: containers read it.
"""

from __future__ import annotations

import struct
from typing import Protocol

_RECORDIO_MAGIC = 0xCED7230A
# The upper three bits of RecordIO's length tell parts of a split record.
_RECORDIO_LENGTH = 0x1FFFFFFF


class UnusableRecords(Exception):
    """An object is not of its SplitType, or holds a record that is too large; the message says which."""


class Splitter(Protocol):
    """Cuts one object."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the records that are whole by now.

        Raises:
            UnusableRecords
        """
        ...

    def end(self) -> list[bytes]:
        """Return the last record, where there is one.

        Raises:
            UnusableRecords: The object ends within a record.
        """
        ...


def splitter(split_type: str, most_bytes: int) -> Splitter:
    """Return what cuts objects so.

    Args:
        split_type: `None`, `Line`, `RecordIO` or `TFRecord`.
        most_bytes: That one record may have.
    """
    match split_type:
        case "Line":
            return _Lines(most_bytes)
        case "RecordIO":
            return _Framed(most_bytes, 8, _recordio_size)
        case "TFRecord":
            return _Framed(most_bytes, 12, _tfrecord_size)
        case _:
            return _Whole(most_bytes)


def _too_large(most_bytes: int) -> UnusableRecords:
    return UnusableRecords(f"a record is larger than MaxPayloadInMB ({most_bytes // 2**20} MB)")


class _Whole:
    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        self._size += len(data)
        if self._size > self._most:
            raise _too_large(self._most)
        self._held.append(data)
        return []

    def end(self) -> list[bytes]:
        return [b"".join(self._held)]


class _Lines:
    """Lines without their newline; empty ones are none."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        *whole, last = data.split(b"\n")
        if not whole:
            self._hold(last)
            return []
        self._hold(whole[0])
        lines = [b"".join(self._held), *whole[1:]]
        self._held, self._size = [], 0
        self._hold(last)
        if max(map(len, lines)) > self._most:
            raise _too_large(self._most)
        return [line for line in lines if line.strip()]

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._most:
            raise _too_large(self._most)
        self._held.append(piece)

    def end(self) -> list[bytes]:
        line = b"".join(self._held)
        return [line] if line.strip() else []


class _Framed:
    def __init__(self, most_bytes: int, head: int, size_of: object) -> None:
        self._most = most_bytes
        self._head = head
        self._size_of = size_of
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        self._rest += data
        found: list[bytes] = []
        place = 0
        while len(self._rest) - place >= self._head:
            size = self._size_of(bytes(self._rest[place : place + self._head]))  # type: ignore[operator]
            if size > self._most:
                raise _too_large(self._most)
            if len(self._rest) - place < size:
                break
            found.append(bytes(self._rest[place : place + size]))
            place += size
        del self._rest[:place]
        return found

    def end(self) -> list[bytes]:
        if self._rest:
            raise UnusableRecords("it ends within a record")
        return []


def _recordio_size(head: bytes) -> int:
    magic, length = struct.unpack("<II", head)
    if magic != _RECORDIO_MAGIC:
        raise UnusableRecords("it is not RecordIO")
    length &= _RECORDIO_LENGTH
    size: int = 8 + (length + 3) // 4 * 4  # content is padded to four bytes
    return size


def _tfrecord_size(head: bytes) -> int:
    (length,) = struct.unpack("<Q", head[:8])
    size: int = 12 + length + 4  # the length's checksum, the content's
    return size
