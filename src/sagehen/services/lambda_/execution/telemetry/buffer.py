"""Buffer: what waits for one subscriber, in bounded memory. Pure.

What is on its way is no longer in here, so that a subscriber holds at most two buffers' worth: documented as
"payloads as large as 2 * maxBytes".
"""

from __future__ import annotations


class Buffer:
    """Records in order; those for which there is no room are counted, and told of when there is room again.

    Args:
        max_items, max_bytes: When it is full.
    """

    def __init__(self, max_items: int, max_bytes: int) -> None:
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._records: list[bytes] = []
        self._size = 0
        self.dropped_records = 0
        self.dropped_bytes = 0

    def add(self, record: bytes) -> None:
        """Take a record, or count it. One alone may be larger than the whole buffer."""
        if self.is_full or (self._records and self._size + len(record) > self._max_bytes):
            self.dropped_records += 1
            self.dropped_bytes += len(record)
            return
        self._records.append(record)
        self._size += len(record)

    def take(self) -> list[bytes]:
        """Return what is in it; it is empty then."""
        taken, self._records, self._size = self._records, [], 0
        return taken

    def dropped(self) -> tuple[int, int]:
        """Return how many records, of how many bytes, were dropped since the last call."""
        counted = self.dropped_records, self.dropped_bytes
        self.dropped_records = self.dropped_bytes = 0
        return counted

    @property
    def is_full(self) -> bool:
        return len(self._records) >= self._max_items or self._size >= self._max_bytes

    @property
    def is_empty(self) -> bool:
        return not self._records
