"""How fast a process may print: what floods waits, and leaves the platform's event loop to others between."""

from __future__ import annotations

from collections.abc import Iterator

# A line costs the platform some 10 us until it is stored, as do 4 KiB: so at most a third of a core.
_WINDOW_S = 0.1
_LINES_PER_WINDOW = 3000
_BYTES_PER_LINE = 4096
# Some ms until something else has its turn.
_LINES_AT_ONCE = 250


def pieces(data: bytes) -> Iterator[bytes]:
    """Cut bytes where a piece has as many lines as are taken at once."""
    start = 0
    while start < len(data):
        end = start
        for _ in range(_LINES_AT_ONCE):
            found = data.find(b"\n", end)
            if found < 0:
                end = len(data)
                break
            end = found + 1
        yield data[start:end]
        start = end


class Pace:
    """What one process has printed in the window of time that runs."""

    def __init__(self) -> None:
        self._spent = 0
        self._window_began = 0.0

    def pause_s(self, piece: bytes, now: float) -> float:
        """Note a piece that was taken; return how long to take no more, 0 where it may go on.

        Args:
            now: Seconds of a monotonic clock.
        """
        if now - self._window_began >= _WINDOW_S:
            self._window_began, self._spent = now, 0
        self._spent += len(piece) // _BYTES_PER_LINE + piece.count(b"\n")
        return self._window_began + _WINDOW_S - now if self._spent > _LINES_PER_WINDOW else 0.0
