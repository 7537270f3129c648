"""ObjectUploads: `ports.Uploads` of a node: files as objects, by S3's protocol.

Up to S3's bound an object is sent in one piece: it is there as a whole or not at all, whoever is killed
meanwhile, and nothing is left for somebody to abort. A role need not be allowed to abort.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import defusedxml.ElementTree

from sagehen.cluster.porters.objects.fetching import ObjectRefused
from sagehen.cluster.porters.objects.s3 import S3, S3Refused
from sagehen.cluster.porters.objects.sending import Answer, Body, BodyShort
from sagehen.cluster.porters.objects.trailing import CHUNK_BYTES
from sagehen.domain.ports.compute.node_data import Wanted

# Documented (S3 User Guide, Uploading objects): of PutObject, and the number of parts.
_MOST_PUT_BYTES = 5 * 2**30
_MOST_PARTS = 10_000
_PART_BYTES = 256 * 2**20
# A file that somebody cuts while it is read is begun anew so often.
_ATTEMPTS = 5
_NO_BODY = Body.of(b"")


class ObjectUploads:
    """Sends files.

    Args:
        threads: Where it waits for S3 and for the disk.

    Attributes:
        s3: As it is for whoever asks now.
    """

    def __init__(self, threads: Executor, s3: S3, most_put_bytes: int = _MOST_PUT_BYTES) -> None:
        self._threads = threads
        self.s3 = s3
        self._most_put_bytes = most_put_bytes

    async def upload(
        self,
        bucket: str,
        key: str,
        source: Path,
        content_type: str = "application/octet-stream",
        kms_key_id: str | None = None,
        size: int | None = None,
    ) -> None:
        """See `ports.Uploads.upload`.

        Raises:
            ObjectRefused
            OSError: Also where the file is cut time and again.
        """
        headers = {"Content-Type": content_type}
        if kms_key_id:
            headers["x-amz-server-side-encryption"] = "aws:kms"
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = kms_key_id
        # Of who asks now: the next one does not go on with what this one gives up.
        store = partial(self._store, self.s3, bucket, key, source, headers, size)
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, store)
        except S3Refused as refused:
            raise ObjectRefused(Wanted(bucket, key, ""), refused) from refused

    def _store(
        self, s3: S3, bucket: str, key: str, source: Path, headers: Mapping[str, str], most: int | None
    ) -> None:
        file = os.open(source, os.O_RDONLY)
        try:
            for _ in range(_ATTEMPTS):
                # Whoever has it may go on writing, as fast as it is read.
                now = os.fstat(file).st_size
                size = now if most is None else min(now, most)
                with contextlib.suppress(BodyShort):
                    if size > self._most_put_bytes:
                        _in_parts(s3, bucket, key, file, size, headers)
                    else:
                        s3.send("PUT", bucket, key, "", headers, _body(file, 0, size))
                    return
        finally:
            os.close(file)
        raise OSError(f"{key} is cut short all the time")


def _in_parts(s3: S3, bucket: str, key: str, file: int, size: int, headers: Mapping[str, str]) -> None:
    begun = s3.send("POST", bucket, key, "uploads=", headers, _NO_BODY)
    upload = quote(_text_of(begun, "UploadId"), safe="")
    try:
        etags = []
        part_bytes = max(_PART_BYTES, -(-size // _MOST_PARTS))
        for number, start in enumerate(range(0, size, part_bytes), 1):
            query = f"partNumber={number}&uploadId={upload}"
            body = _body(file, start, min(part_bytes, size - start))
            etags.append(s3.send("PUT", bucket, key, query, {}, body).headers["etag"])
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
            for number, etag in enumerate(etags, 1)
        )
        text = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        ended = s3.send("POST", bucket, key, f"uploadId={upload}", {}, Body.of(text))
        _text_of(ended, "ETag")
    except BaseException:
        with contextlib.suppress(S3Refused, OSError):  # not every role may
            s3.send("DELETE", bucket, key, f"uploadId={upload}", {}, _NO_BODY)
        raise


def _body(file: int, start: int, size: int) -> Body:
    def pieces() -> Iterator[bytes]:
        at, end = start, start + size
        while at < end and (piece := os.pread(file, min(CHUNK_BYTES, end - at), at)):
            at += len(piece)
            yield piece

    return Body(size, pieces)


def _text_of(answer: Answer, name: str) -> str:
    """Return what an answer says; one of status 200 may still be a refusal (CompleteMultipartUpload)."""
    found = {each.tag.rpartition("}")[2]: each.text or "" for each in _elements(answer.content)}
    if name not in found:
        said = str(found.get("Message", "")) or f"no {name} came"
        raise S3Refused(500, str(found.get("Code", "InternalError")), said, "")
    return found[name]


def _elements(content: bytes) -> Iterator[Any]:
    return iter(defusedxml.ElementTree.fromstring(content))
