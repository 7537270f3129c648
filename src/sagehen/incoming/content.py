"""Content: what goes through a channel's pipe for each of its entries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.ports.storage.incoming import Piped, Reads
from sagehen.domain.s3_uris import bucket_and_key
from sagehen.incoming import recordio
from sagehen.incoming.failures import PipeFailed
from sagehen.incoming.gunzip import NotGzip, gunzip

# The length of a record stands before it, and that of what is gunzipped is known at its end: up to here it is
# kept, beyond it is gunzipped twice.
_KEPT_BYTES = 4 * 1024 * 1024
# Of an augmented manifest's line. The longest has 1 MiB: of empty lists alone, it holds the interpreter for
# 70 ms; of so many, with numbers as many as there is room for, for 10.
_MOST_STRUCTURES = 10_000
# What is longer is parsed in a thread.
_SHORT_BYTES = 16 * 1024
# Documented (Augmented manifest files): such an attribute names an object.
_REFERENCE = "-ref"


class Content:
    """Reads a channel's entries.

    Args:
        reads: With the rights of the job's role.
    """

    def __init__(self, reads: Reads, channel: Piped) -> None:
        self._reads = reads
        self._channel = channel

    async def of_object(self, bucket: str, key: str) -> AsyncIterator[bytes]:
        """Yield an object, as a record where the channel wraps.

        Raises:
            PipeFailed: It is not gzip, or too long for a record.
            Exception: What reading raises.
        """
        uri = f"s3://{bucket}/{key}"
        try:
            if not self._channel.wraps_records:
                _, body = await self._body(bucket, key)
                async for chunk in body:
                    yield chunk
                return
            kept, length, whole = await self._measure(bucket, key)
            if length > recordio.MAX_BYTES:
                raise PipeFailed(
                    f"ClientError: Data download failed:{uri} is too large for a RecordIO record: it has "
                    f"more than {recordio.MAX_BYTES} bytes"
                )
            yield recordio.header(length)
            if kept is not None:
                yield kept
            else:
                if whole is None:
                    _, whole = await self._body(bucket, key)
                async for chunk in self._of_length(whole, length, uri):
                    yield chunk
            yield recordio.padding(length)
        except NotGzip as error:
            raise PipeFailed(f"ClientError: Data download failed:{uri} is not gzip: {error}") from None

    async def of_line(self, line: bytes, number: int) -> AsyncIterator[bytes]:
        """Yield what a line of an augmented manifest names: its attributes, in the order of AttributeNames.

        Args:
            number: Of the line, for reasons.

        Raises:
            PipeFailed: It is no JSON object, or lacks an attribute.
            Exception: What reading raises.
        """
        document = await self._document(line, number)
        for name in self._channel.attributes:
            if name not in document:
                raise self._unusable(number, f"it has no attribute {name!r}")
            value = document[name]
            if name.endswith(_REFERENCE):
                bucket, key = self._reference(value, name, number)
                async for chunk in self.of_object(bucket, key):
                    yield chunk
                continue
            text = _text(value)
            if self._channel.wraps_records:
                yield recordio.header(len(text)) + text + recordio.padding(len(text))
            else:
                yield text

    async def _body(self, bucket: str, key: str) -> tuple[int, AsyncIterator[bytes]]:
        size, chunks = await self._reads.read(bucket, key)
        return size, gunzip(chunks) if self._channel.is_gzipped else chunks

    async def _measure(self, bucket: str, key: str) -> tuple[bytes | None, int, AsyncIterator[bytes] | None]:
        """Return an object's content, where it is small and had to be read, its length, and its body where
        nothing of that was read."""
        size, body = await self._body(bucket, key)
        if not self._channel.is_gzipped:
            return None, size, body
        kept: list[bytes] | None = []
        length = 0
        async for chunk in body:
            length += len(chunk)
            if length > recordio.MAX_BYTES:
                break
            if kept is not None:
                kept.append(chunk)
                kept = kept if length <= _KEPT_BYTES else None
        return None if kept is None else b"".join(kept), length, None

    async def _of_length(self, body: AsyncIterator[bytes], length: int, uri: str) -> AsyncIterator[bytes]:
        """Yield a body of a length that was told already."""
        left = length
        async for chunk in body:
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
        if left:
            raise PipeFailed(f"ClientError: Data download failed:{uri} changed while it was read")

    async def _document(self, line: bytes, number: int) -> dict[str, Any]:
        if line.count(b"{") + line.count(b"[") > _MOST_STRUCTURES:
            raise self._unusable(number, f"it holds more than {_MOST_STRUCTURES} objects and lists")
        try:
            is_short = len(line) <= _SHORT_BYTES
            document = read_json(line) if is_short else await asyncio.to_thread(read_json, line)
        except NotJson as error:
            raise self._unusable(number, f"it cannot be read as JSON: {error}") from None
        if not isinstance(document, dict):
            raise self._unusable(number, "it is no JSON object")
        return document

    def _reference(self, value: Any, name: str, number: int) -> tuple[str, str]:
        found = bucket_and_key(value) if isinstance(value, str) else None
        if found is not None:
            return found
        raise self._unusable(number, f"its attribute {name!r} is no S3 URI")

    def _unusable(self, number: int, why: str) -> PipeFailed:
        return PipeFailed(
            f"ClientError: Invalid augmented manifest {self._channel.uri}, line {number + 1}: {why}."
        )


def _text(value: Any) -> bytes:
    """Return an attribute's value as it is sent: documented for a number ("1"), from memory for others."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
