"""Segments: where the bytes of a content are, and the rows that say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sagehen.services.s3.contents.ciphers import ContentCipher
from sagehen.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Segment:
    """`length` bytes from `start` of a blob, or inline data.

    Args:
        iv: Where its cipher's counter began, at its first byte; None: the bytes are plain.
        cipher: What reads it, where there is an `iv`.
    """

    length: int
    start: int = 0
    data: bytes | None = None
    blob_id: str | None = None
    iv: bytes | None = None
    cipher: ContentCipher | None = field(default=None, repr=False)

    def turner(self) -> Callable[[bytes], bytes]:
        """Return what makes plain bytes of this segment's, from its first one on."""
        if self.iv is None:
            return _as_it_is
        assert self.cipher is not None, "what is encrypted is read with its key or not at all"
        return self.cipher.turner(self.iv, self.start)


def opened(segments: Sequence[Segment], cipher: ContentCipher | None) -> Sequence[Segment]:
    """Return segments that can be read, given their cipher."""
    if cipher is None:
        return segments
    return [part if part.iv is None else replace(part, cipher=cipher) for part in segments]


def _as_it_is(data: bytes) -> bytes:
    return data


@dataclass(frozen=True, slots=True)
class Draft:
    """A content whose bytes are safe on disk and which no row names yet."""

    content_id: str
    segments: Sequence[Segment]

    @property
    def inline(self) -> bytes | None:
        """The bytes where they are few and in one piece: such a content needs no rows of its own."""
        if not self.segments:
            return b""
        only = self.segments[0]
        # What is encrypted has an iv, and the row of its segment is where that is kept.
        plain = len(self.segments) == 1 and only.blob_id is None and only.iv is None
        return inline_bytes(only) if plain else None

    @property
    def blob_ids(self) -> list[str]:
        return [segment.blob_id for segment in self.segments if segment.blob_id is not None]

    def insert(self, tx: Transaction) -> None:
        """Make the rows of its segments; the row that names its content is the caller's."""
        tx.executemany(
            "INSERT INTO s3_segments VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (self.content_id, position, part.data, part.blob_id, part.start, part.length, part.iv)
                for position, part in enumerate(self.segments)
            ],
        )


def delete_content(tx: Transaction, content_id: str) -> list[str]:
    """Delete a content's rows and return the blobs to remove after the commit."""
    if not content_id:  # a delete marker, or a version with its data in its own row
        return []
    rows = tx.execute("DELETE FROM s3_segments WHERE content_id = ? RETURNING blob_id", (content_id,))
    return [row["blob_id"] for row in rows.fetchall() if row["blob_id"] is not None]


def clip(segments: Sequence[Segment], start: int, length: int) -> list[Segment]:
    """Return the pieces of `segments` that make up `length` bytes from `start`."""
    pieces: list[Segment] = []
    position, end = 0, start + length
    for part in segments:
        low, high = max(start, position), min(end, position + part.length)
        if low < high:
            start = part.start + low - position
            pieces.append(Segment(high - low, start, part.data, part.blob_id, part.iv, part.cipher))
        position += part.length
        if position >= end:
            break
    return pieces


def inline_bytes(part: Segment) -> bytes:
    """Return the bytes of a segment without a blob, in plain."""
    data = (part.data or b"")[part.start : part.start + part.length]
    return data if part.iv is None else part.turner()(data)


def named_blobs(database: Database, blob_ids: Sequence[str]) -> set[str]:
    """Return which of these blobs some segment names; the others are what a crash left."""
    holes = ",".join("?" * len(blob_ids))
    rows = database.all(f"SELECT blob_id FROM s3_segments WHERE blob_id IN ({holes})", blob_ids)
    return {row["blob_id"] for row in rows}
