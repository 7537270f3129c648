"""What passes between the front process and its workers: lists of requests, lists of answers.

A frame is a length and a marshalled tuple: both ends are the same interpreter, the payload is
bytes and str, and marshal costs a few microseconds where pickle and JSON cost tens.
"""

from __future__ import annotations

import marshal
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sagehen.modelserver.answer_stream import AnswerStream

_LENGTH = struct.Struct("<Q")


@dataclass(slots=True)
class Call:
    """One request to /invocations. Header names are lower-case."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type") or "application/json"


@dataclass(slots=True)
class Answer:
    """What a worker made of one call.

    Args:
        parts: In the worker: the rest of a body that its handler yields piece by piece.
        stream: In the front process: where those pieces arrive.
    """

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    parts: Iterator[bytes] | None = None
    stream: AnswerStream | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a streamed answer that has begun; `last` is None, or whether it came to its end."""

    data: bytes
    last: bool | None = None


class Why(StrEnum):
    """Why a connection comes back from a worker."""

    IDLE = "idle"  # nothing came for a while, or the front asked for it
    UNUSUAL = "unusual"  # a request that the front has to read
    PIECES = "pieces"  # its requests come in pieces
    UNSENT = "unsent"  # the caller reads more slowly than the model answers
    STREAM = "stream"  # its answer begins, and comes in parts
    LOST = "lost"  # said by the front itself: the worker died


@dataclass(frozen=True, slots=True)
class Returned:
    """A connection that a worker gives back.

    Args:
        unread: What it has read and not answered.
        unsent: The rest of its answer.
        answer: One that the front has to look at before it is sent, or the head of one that comes in parts.
    """

    lane: int
    why: Why
    unread: bytes = b""
    unsent: bytes = b""
    answer: Answer | None = None


def encode_calls(calls: list[Call]) -> bytes:
    """Frame a batch for a worker."""
    return frame([(call.body, call.headers) for call in calls])


def decode_calls(payload: bytes) -> list[Call]:
    """Return the batch that `encode_calls` framed."""
    return [Call(body, headers) for body, headers in marshal.loads(payload)]  # noqa: S302 - our own child


def encode_answers(answers: list[Answer]) -> bytes:
    """Frame a batch's answers, in its order."""
    return frame([(a.status, a.content_type, a.body, a.headers) for a in answers])


def encode_beginning(answer: Answer) -> bytes:
    """Frame the head of an answer whose body follows as parts."""
    return frame((answer.status, answer.content_type, answer.headers))


def encode_part(part: Part) -> bytes:
    """Frame a piece of a streamed answer."""
    return frame((part.data, part.last))


def encode_returned(returned: Returned) -> bytes:
    """Frame a connection's return."""
    answer = returned.answer
    fields = None if answer is None else (answer.status, answer.content_type, answer.body, answer.headers)
    return frame((returned.lane, returned.why.value, returned.unread, returned.unsent, fields))


def decode(payload: bytes) -> list[Answer] | Answer | Part | Returned:
    """Return a batch's answers, the beginning of a streamed one (without its stream), a part, or a return."""
    value = marshal.loads(payload)  # noqa: S302 - our own child
    if isinstance(value, list):
        return [Answer(*fields) for fields in value]
    if len(value) == 3:
        status, content_type, headers = value
        return Answer(status, content_type, b"", headers)
    if len(value) == 5:
        lane, why, unread, unsent, answer = value
        return Returned(lane, Why(why), unread, unsent, None if answer is None else Answer(*answer))
    return Part(*value)


def frame(value: Any) -> bytes:
    """Frame a value of plain types, for `load`: a worker's first report."""
    payload = marshal.dumps(value)
    return _LENGTH.pack(len(payload)) + payload


def load(payload: bytes) -> Any:
    """Return the value of a frame's payload. Only of our own child: marshal trusts what it reads."""
    return marshal.loads(payload)  # noqa: S302 - our own child


def receive(connection: socket.socket) -> bytes | None:
    """Read one frame's payload from a blocking socket; None when the other end is gone."""
    head = _receive_exactly(connection, _LENGTH.size)
    if head is None:
        return None
    return _receive_exactly(connection, _LENGTH.unpack(head)[0])


def _receive_exactly(connection: socket.socket, size: int) -> bytes | None:
    # recv returns what is there: the common small frame is one call and no copy.
    chunk = connection.recv(size)
    if len(chunk) == size:
        return chunk
    buffer = bytearray(chunk)
    while chunk and len(buffer) < size:
        chunk = connection.recv(min(size - len(buffer), 1 << 20))
        buffer += chunk
    return bytes(buffer) if len(buffer) == size else None


class FrameBuffer:
    """Cuts a stream of received bytes into payloads."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the payloads that `data` completed."""
        self._buffer += data
        payloads = []
        while len(self._buffer) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer)
            end = _LENGTH.size + size
            if len(self._buffer) < end:
                break
            payloads.append(bytes(self._buffer[_LENGTH.size : end]))
            del self._buffer[:end]
        return payloads
