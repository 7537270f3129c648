"""BatchStrategy: records put into payloads.

Documented (BatchStrategy): one record a request, or as many as MaxPayloadInMB takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Payloads:
    """Collects the records of one object.

    Args:
        several: Whether a payload takes several records.
        most_bytes: What it takes.
        between: Bytes between two records: a newline between lines.
    """

    def __init__(self, *, several: bool, most_bytes: int, between: int) -> None:
        self._several = several
        self._most = most_bytes
        self._between = between
        self._held: list[bytes] = []
        self._size = 0

    def add(self, records: Iterable[bytes]) -> Iterator[list[bytes]]:
        """Yield the payloads that are full by now."""
        for record in records:
            if not self._several:
                yield [record]
                continue
            if self._held and self._size + self._between + len(record) > self._most:
                yield self._held
                self._held, self._size = [], 0
            self._size += len(record) + (self._between if self._held else 0)
            self._held.append(record)

    def end(self) -> Iterator[list[bytes]]:
        """Yield the last payload, where there is one."""
        if self._held:
            yield self._held
            self._held = []
