"""The stream of a container's output: frames that say of which of its two streams they are.

Source: Docker Engine API, "Attach to a container", "Stream format": a byte (0 stdin, 1 stdout, 2 stderr),
three of nothing, the length as 32 bits in network order, then so many bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

_HEAD = 8
_STREAMS = {0: "stdout", 1: "stdout", 2: "stderr"}  # 0: documented as written to stdout
_SYSTEM = 3  # what went wrong in the engine itself (moby's stdcopy)


class BadFrame(ValueError):
    """It is no such stream."""


class Frames:
    """Cuts a stream into what each of the two said, as it comes: a frame need not be whole."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._left = 0
        self._stream = "stdout"

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield (stream, bytes) in their order.

        Raises:
            BadFrame: The engine speaks of itself, or says what cannot be.
        """
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                yield self._stream, piece
                continue
            wanted = _HEAD - len(self._head)
            self._head += data[at : at + wanted]
            at += wanted
            if len(self._head) == _HEAD:
                self._begin()

    def _begin(self) -> None:
        kind, length = self._head[0], int.from_bytes(self._head[4:], "big")
        if kind not in _STREAMS or self._head[1:4] != b"\0\0\0":
            raise BadFrame("the engine broke its output off" if kind == _SYSTEM else "no frame of output")
        self._head.clear()
        self._stream, self._left = _STREAMS[kind], length
