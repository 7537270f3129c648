"""BatchStrategy: records put into payloads.

Documented (BatchStrategy): one record a request, or as many as MaxPayloadInMB takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# Ours, of all payloads under way at an instance: records of two bytes have forty more in memory.
MAX_RECORDS = 2_000_000


class Payloads:
    """Collects the records of one object.

    Args:
        several: Whether a payload takes several records.
        most_bytes: What it takes.
        between: Bytes between two records: a newline between lines.
        most_records: What it takes, however small they are.
    """

    def __init__(
        self, *, several: bool, most_bytes: int, between: int, most_records: int = MAX_RECORDS
    ) -> None:
        self._several = several
        self._most = most_bytes
        self._most_records = most_records
        self._between = between
        self._held: list[bytes] = []
        self._size = 0

    def add(self, records: Iterable[bytes]) -> Iterator[list[bytes]]:
        """Yield the payloads that are full by now."""
        for record in records:
            if not self._several:
                yield [record]
                continue
            larger = self._size + self._between + len(record)
            if self._held and (larger > self._most or len(self._held) >= self._most_records):
                yield self._held
                self._held, self._size = [], 0
            self._size += len(record) + (self._between if self._held else 0)
            self._held.append(record)

    def end(self) -> Iterator[list[bytes]]:
        """Yield the last payload, where there is one."""
        if self._held:
            yield self._held
            self._held = []
