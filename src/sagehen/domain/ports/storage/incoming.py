"""What of S3 goes through named pipes to who runs: said by who runs it, read where the pipes are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Piped:
    """A channel in Pipe mode, as one instance gets it.

    Args:
        name: The channel's; its pipes are called by it.
        uri: Of its prefix or manifest, for reasons.
        has_lines: Its entries are lines of an augmented manifest, not objects.
        is_gzipped: Objects are gunzipped on their way.
        wraps_records: Each object, or attribute, becomes a record of RecordIO.
        seed: Of the order of entries.
        attributes: Of lines, those that are sent, in their order.
        place, of: It gets every `of`-th entry from `place` on.
    """

    name: str
    uri: str
    has_lines: bool = False
    is_gzipped: bool = False
    wraps_records: bool = False
    seed: int | None = None
    attributes: tuple[str, ...] = ()
    place: int = 0
    of: int = 1


class Reads(Protocol):
    """S3 as objects are read of it, with the rights of one role."""

    async def read(self, bucket: str, key: str) -> tuple[int, AsyncIterator[bytes]]:
        """Open one object as it is now; return its size and its content in pieces.

        Raises:
            NoSuchObject, AccessDenied: On the platform's machine; elsewhere what becomes of them there.
        """
        ...
