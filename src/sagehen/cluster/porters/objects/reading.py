"""Reading: objects of S3 in pieces, over one link to the platform after another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from dataclasses import dataclass
from http.client import HTTPException

from sagehen.cluster.porters.objects.fetching import ObjectRefused, whole_size
from sagehen.cluster.porters.objects.s3 import S3, S3Refused
from sagehen.domain.ports.compute.node_data import Wanted
from sagehen.incoming.failures import PipeFailed

# Asked for one by one: who reads may pause for hours, and no connection waits for so long.
PIECE_BYTES = 4 * 2**20
# For how long S3 may be out of reach. A link that is lost for so long is not coming back (`agent.ALONE_S`).
_PATIENCE_S = 75.0
_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.1, 2.0


class Reading:
    """Implements `ports.Reads`. While nobody lets it reach S3, it waits.

    Args:
        threads: Where it waits for S3.
    """

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._s3: S3 | None = None
        self._reached = asyncio.Event()

    def use(self, s3: S3) -> None:
        """Reach S3 by this client from now on, instead of by another."""
        if self._s3 is not None:
            self._s3.close()
        self._s3 = s3
        self._reached.set()

    def lose(self, s3: S3) -> None:
        """Hear that a client is good for nothing any more; it may not be the last one."""
        s3.close()
        if self._s3 is s3:
            self._s3 = None
            self._reached.clear()

    async def read(self, bucket: str, key: str) -> tuple[int, AsyncIterator[bytes]]:
        """See `ports.Reads`.

        Raises:
            ObjectRefused: By S3.
            OSError: S3 was out of reach for too long.
        """
        wanted = Wanted(bucket, key, "")
        first = await self._piece(wanted, 0, None)

        async def pieces() -> AsyncIterator[bytes]:
            yield first.data
            at = len(first.data)
            while at < first.size:
                piece = await self._piece(wanted, at, first.etag)
                yield piece.data
                at += len(piece.data)

        return first.size, pieces()

    async def _piece(self, wanted: Wanted, at: int, etag: str | None) -> _Piece:
        pause_s, give_up_at = _FIRST_PAUSE_S, float("inf")
        loop = asyncio.get_running_loop()
        while True:
            await self._reached.wait()
            assert self._s3 is not None
            try:
                return await loop.run_in_executor(self._threads, _get, self._s3, wanted, at, etag)
            except OSError:
                give_up_at = min(give_up_at, time.monotonic() + _PATIENCE_S)
                if time.monotonic() > give_up_at:
                    raise
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LAST_PAUSE_S)


@dataclass(frozen=True, slots=True)
class _Piece:
    data: bytes
    size: int  # of the whole object
    etag: str


def _get(s3: S3, wanted: Wanted, at: int, etag: str | None) -> _Piece:
    """Get one piece. Blocking.

    Raises:
        ObjectRefused
        PipeFailed: It is another object by now.
        OSError: S3 cannot be reached, or not just now.
    """
    headers = {"Range": f"bytes={at}-{at + PIECE_BYTES - 1}"}
    if etag is not None:
        headers["If-Match"] = etag
    try:
        with s3.get(wanted.bucket, wanted.key, headers) as answer:
            return _Piece(answer.read(), whole_size(answer), str(answer.headers["ETag"]))
    except HTTPException as error:
        raise ConnectionError(f"S3 ended in the middle of an object: {error}") from error
    except S3Refused as refused:
        if refused.code == "InvalidRange" and not at:  # an empty object has no first byte
            return _Piece(b"", 0, "")
        if refused.status in (404, 412, 416) and at:
            uri = f"s3://{wanted.bucket}/{wanted.key}"
            raise PipeFailed(
                f"ClientError: Data download failed:{uri} changed while it was read"
            ) from refused
        if refused.status >= 500:
            raise ConnectionError(str(refused)) from refused
        raise ObjectRefused(wanted, refused) from refused
