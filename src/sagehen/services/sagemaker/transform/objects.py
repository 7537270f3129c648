"""ObjectTransform: one object's records asked, in their order, and the answers in a file."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from sagehen.services.sagemaker.transfers.pipes.gunzip import gunzip
from sagehen.services.sagemaker.transform.asking import Server
from sagehen.services.sagemaker.transform.records.association import Association
from sagehen.services.sagemaker.transform.records.payloads import MAX_RECORDS, Payloads
from sagehen.services.sagemaker.transform.records.splitting import splitter

# Answers that are held in memory before they are written.
_WRITTEN_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manner:
    """How a job's objects are read and its answers written.

    Args:
        split: SplitType.
        is_gzipped: CompressionType Gzip.
        ends_lines: AssembleWith Line.
        association: DataProcessing, or None.
    """

    split: str
    is_gzipped: bool
    ends_lines: bool
    association: Association | None


async def transform(content: AsyncIterator[bytes], to: Path, server: Server, manner: Manner) -> None:
    """Ask a server for one object.

    Args:
        content: The object's, in pieces.
        to: The file that is made.

    Raises:
        NotAnswered, UnusableRecords, NotGzip, Mismatch
    """
    under_way: deque[asyncio.Task[bytes]] = deque()
    answers = _Answers(to, manner)
    try:
        async for records in _payloads(content, server, manner):
            while len(under_way) >= server.settings.at_once:
                await answers.add(await under_way.popleft())
            await server.slots.acquire()  # so that no more is read than can be asked
            task = asyncio.create_task(_answer(records, server, manner))
            task.add_done_callback(lambda _: server.slots.release())
            under_way.append(task)
        while under_way:
            await answers.add(await under_way.popleft())
        await answers.write()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


class _Answers:
    """The file of an object's answers. Small ones are written together: an object's only one in one go."""

    def __init__(self, to: Path, manner: Manner) -> None:
        self._to = to
        self._manner = manner
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_made = False

    async def add(self, answer: bytes) -> None:
        """Take the next answer."""
        self._pieces.append(answer)
        if self._manner.ends_lines and not answer.endswith(b"\n"):
            self._pieces.append(b"\n")
        self._size += len(answer)
        if self._size >= _WRITTEN_BYTES:
            await self.write()

    async def write(self) -> None:
        """Write what was taken; make the file in any case."""
        pieces, self._pieces, self._size = self._pieces, [], 0
        await asyncio.to_thread(self._append, pieces)

    def _append(self, pieces: list[bytes]) -> None:
        with self._to.open("ab" if self._is_made else "wb") as file:
            file.writelines(pieces)
        self._is_made = True


async def _payloads(
    content: AsyncIterator[bytes], server: Server, manner: Manner
) -> AsyncIterator[list[bytes]]:
    settings = server.settings
    cut = splitter(manner.split, settings.payload_bytes)
    lines = manner.split == "Line"
    filled = Payloads(
        several=settings.several, most_bytes=settings.payload_bytes, between=int(lines),
        most_records=MAX_RECORDS // settings.at_once,
    )  # fmt: skip
    pieces = gunzip(content) if manner.is_gzipped else content

    def fill(piece: bytes) -> list[list[bytes]]:
        return list(filled.add(cut.feed(piece)))

    async for piece in pieces:
        # Cutting a piece of newlines takes 50 ms; an object that is one record is not cut.
        for records in fill(piece) if manner.split == "None" else await asyncio.to_thread(fill, piece):
            yield records
    for records in _last(filled, cut.end()):
        yield records


def _last(filled: Payloads, records: list[bytes]) -> Iterator[list[bytes]]:
    yield from filled.add(records)
    yield from filled.end()


async def _answer(records: list[bytes], server: Server, manner: Manner) -> bytes:
    association = manner.association
    asked = records if association is None else await asyncio.to_thread(association.asked, records)
    between = b"\n" if manner.split == "Line" or association is not None else b""
    answer = await server.ask(between.join(asked))
    if association is None:
        return answer
    return await asyncio.to_thread(association.stored, records, answer)
