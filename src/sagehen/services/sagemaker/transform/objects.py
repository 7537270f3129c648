"""One object's records asked, in their order, and what the answers come to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sagehen.incoming.gunzip import gunzip
from sagehen.services.sagemaker.transform.asking import Server
from sagehen.services.sagemaker.transform.records.association import Association
from sagehen.services.sagemaker.transform.records.payloads import MAX_RECORDS, Payloads
from sagehen.services.sagemaker.transform.records.splitting import splitter

# Answers that are gathered before they are written.
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


async def transform(
    content: AsyncIterator[bytes], to: Path, may_hold: Callable[[int], bool], server: Server, manner: Manner
) -> bytes | Path:
    """Ask a server for one object; return the answers, or the file that they are in.

    Args:
        content: The object's, in pieces.
        to: That file.
        may_hold: Whether answers of so many bytes may stay in memory.

    Raises:
        NotAnswered, UnusableRecords, NotGzip, Mismatch
    """
    answers = _Answers(to, manner)
    if manner.split == "None":
        async for records in _payloads(content, server, manner):  # one, of an object that is not empty
            async with server.slots:
                answer = await _answer(records, server, manner)
            await answers.add(answer)
        return await answers.end(may_hold)
    under_way: deque[asyncio.Task[bytes]] = deque()
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
        return await answers.end(may_hold)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


class _Answers:
    """An object's answers: those that are long go into its file, 1 MiB at a time."""

    def __init__(self, to: Path, manner: Manner) -> None:
        self._to = to
        self._manner = manner
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_made = False

    async def add(self, answer: bytes) -> None:
        """Take the next answer."""
        self._pieces.append(answer)
        self._size += len(answer)
        if self._manner.ends_lines and not answer.endswith(b"\n"):
            self._pieces.append(b"\n")
            self._size += 1
        if self._size >= _WRITTEN_BYTES:
            await self._write()

    async def end(self, may_hold: Callable[[int], bool]) -> bytes | Path:
        """Return all of them, in memory where that may be."""
        if not self._is_made and may_hold(self._size):
            return b"".join(self._pieces)
        await self._write()
        return self._to

    async def _write(self) -> None:
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
