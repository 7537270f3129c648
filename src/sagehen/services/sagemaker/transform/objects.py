"""ObjectTransform: one object's records asked, in their order, and the answers in a file."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sagehen.services.sagemaker.transfers.pipes.gunzip import gunzip
from sagehen.services.sagemaker.transform.asking import Server
from sagehen.services.sagemaker.transform.records.association import Association
from sagehen.services.sagemaker.transform.records.payloads import MAX_RECORDS, Payloads
from sagehen.services.sagemaker.transform.records.splitting import splitter


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
    file = await asyncio.to_thread(to.open, "wb")
    try:
        async for records in _payloads(content, server, manner):
            while len(under_way) >= server.settings.at_once:
                await _write(file, await under_way.popleft(), manner)
            await server.slots.acquire()  # so that no more is read than can be asked
            task = asyncio.create_task(_answer(records, server, manner))
            task.add_done_callback(lambda _: server.slots.release())
            under_way.append(task)
        while under_way:
            await _write(file, await under_way.popleft(), manner)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await asyncio.to_thread(file.close)


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
        for records in await asyncio.to_thread(fill, piece):  # of a piece of newlines it takes 50 ms
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


async def _write(file: BinaryIO, answer: bytes, manner: Manner) -> None:
    ended = manner.ends_lines and not answer.endswith(b"\n")
    await asyncio.to_thread(file.write, answer + b"\n" if ended else answer)
