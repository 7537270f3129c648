"""Windows: how many bytes of a stream may be under way. Decisions about numbers."""

from __future__ import annotations

# What each stream may always have under way; a link's 1,024 streams hold 64 MiB with it, whoever sends.
FIRST_BYTES = 64 * 1024
# What one stream gets that is read as fast as it comes: 300 MB/s at 6 ms there and back.
MOST_BYTES = 2 * 1024 * 1024
# What all streams of a link get beyond their first.
SHARED_BYTES = 64 * 1024 * 1024


class Shared:
    """What is left of a link's memory for windows that are larger than their first."""

    def __init__(self, left: int = SHARED_BYTES) -> None:
        self.left = left


class Window:
    """The receiver's side of one stream: what the sender may send, and when it is told of more.

    Worked example: of 64 KiB, 32 KiB were read. The sender is told of these, and of 64 KiB more, since it
    was read at once and the link has room: the window is 128 KiB from here on.

    Args:
        shared: The link's.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._size = FIRST_BYTES
        self._due = 0  # read, and not yet told
        self.left = FIRST_BYTES  # what the sender may still send

    def take(self, count: int) -> bool:
        """Note that so many bytes have come; False if they were more than was allowed."""
        self.left -= count
        return self.left >= 0

    def read(self, count: int, *, waiting: bool) -> int:
        """Note that so many were read; return how many more the sender is to be told of now, often 0.

        Args:
            waiting: Whether the reader had read all there was: the sender is what it waits for.
        """
        self._due += count
        if self._due * 2 < self._size:
            return 0
        told = self._due
        if waiting and self._size < MOST_BYTES:
            more = min(self._size, MOST_BYTES - self._size, self._shared.left)
            self._shared.left -= more
            self._size += more
            told += more
        self._due = 0
        self.left += told
        return told

    def close(self) -> None:
        """Give back what it had of the link's; once is enough, twice does no harm."""
        self._shared.left += self._size - FIRST_BYTES
        self._size = FIRST_BYTES
