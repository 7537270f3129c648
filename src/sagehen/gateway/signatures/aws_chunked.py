"""The `aws-chunked` encoding: chunks with signatures of their own, and trailing checksums.

    <size in hex>;chunk-signature=<hex>\r\n<data>\r\n … 0;chunk-signature=<hex>\r\n<name>:<value>\r\n\r\n

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, sigv4-streaming-trailers.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256

from sagehen.api.streams import BodyStream
from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.body import IncompleteBody, collect
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures import sigv4
from sagehen.gateway.signatures.seal import Seal

# Documented on the pages above. The two for SigV4A (`…ECDSA-P256-SHA256…`) are none of ours.
_WORDS = frozenset(
    (
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    )
)
_MAX_LINE = 4096  # a chunk's head is ~90 bytes, a trailer a checksum or a signature
# S3's rule (documented, and recorded with its error): a chunk costs its sender's server an HMAC.
_LEAST_CHUNK_BYTES = 8192
# Some checksums, their signature and the empty lines around them.
_MOST_TRAILER_LINES = 20


class ChunkedBody:
    """The decoded body; every chunk's signature and the trailer's are verified while it is read.

    Args:
        body: As it arrives.
        seal: What the request's signature said.
        headers: Of the request: `x-amz-decoded-content-length`, `x-amz-trailer`.

    Raises:
        Refusal: The seal's word is not one of AWS's, or the decoded length is missing.
    """

    def __init__(self, body: BodyStream, seal: Seal, headers: Mapping[str, str]) -> None:
        if seal.content not in _WORDS:
            raise Refusal(
                "InvalidArgument",
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
                400,
            )
        declared = headers.get("x-amz-decoded-content-length", "")
        if not declared.isascii() or not declared.isdigit():
            raise Refusal("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
        self.length: int | None = int(declared)
        self._body = body
        self._seal = seal
        self._signed = "HMAC" in seal.content
        self._trailing = seal.content.endswith("-TRAILER")
        self._announced = {n.strip().lower() for n in headers.get("x-amz-trailer", "").split(",")} - {""}
        self._previous = seal.signature
        self._trailers: dict[str, str] = {}
        self._buffer = bytearray()
        self._left = 0  # of the current chunk's data
        self._chunk_bytes = 0  # of the current chunk
        self._chunks = 0
        self._trailer_lines = 0
        self._state = "head"
        self._chunk_signature = ""
        self._digest = sha256()
        self._seen = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            self._buffer += piece
            for data in self._decode():
                yield data
        if self._state != "end":
            raise IncompleteBody
        if self._seen != self.length:
            raise IncompleteBody
        if missing := self._announced - self._trailers.keys():
            raise Refusal("MalformedTrailerError", f"The request is missing the trailer {min(missing)}.", 400)

    async def read(self, limit: int) -> bytes:
        """Return the decoded body whole.

        Raises:
            RequestEntityTooLarge: It is longer than `limit` bytes.
            Refusal: A chunk is malformed, too small, or wrongly signed.
        """
        return await collect(self, limit)

    def trailers(self) -> dict[str, str]:
        """Return what came behind the last chunk, by lower-case name; complete once the body was read."""
        return dict(self._trailers)

    def _decode(self) -> Iterator[bytes]:
        while True:
            if self._state == "data":
                if not self._buffer:
                    return
                data = bytes(self._buffer[: self._left])
                del self._buffer[: len(data)]
                self._left -= len(data)
                self._seen += len(data)
                if self.length is not None and self._seen > self.length:
                    raise IncompleteBody
                if self._signed:
                    self._digest.update(data)
                if not self._left:
                    self._verify_chunk()
                    self._state = "data end"
                yield data
            elif self._state == "end":
                self._buffer.clear()
                return
            else:
                line = self._line()
                if line is None:
                    return
                self._take_line(line)

    def _line(self) -> str | None:
        end = self._buffer.find(b"\n", 0, _MAX_LINE)
        if end < 0:
            if len(self._buffer) >= _MAX_LINE:
                raise _malformed()
            return None
        line = bytes(self._buffer[:end]).rstrip(b"\r").decode("latin-1")
        del self._buffer[: end + 1]
        return line

    def _take_line(self, line: str) -> None:
        if self._state == "data end":
            if line:
                raise _malformed()
            self._state = "head"
        elif self._state == "head":
            self._take_head(line)
        else:
            self._take_trailer(line)

    def _take_trailer(self, line: str) -> None:
        self._trailer_lines += 1
        if self._trailer_lines > _MOST_TRAILER_LINES:
            raise _malformed()
        if line:
            name, colon, value = line.partition(":")
            if not colon:
                raise _malformed()
            self._trailers[name.strip().lower()] = value.strip()
        elif self._trailing and self._signed and "x-amz-trailer-signature" not in self._trailers:
            # Some clients set the checksum and its signature apart by an empty line.
            if not self._trailers:
                raise _mismatch()
        else:
            self._end()

    def _take_head(self, line: str) -> None:
        size, _, extension = line.partition(";")
        try:
            self._left = int(size, 16)
        except ValueError:
            raise _malformed() from None
        if self._left < 0:
            raise _malformed()
        self._chunks += 1
        if self._left and 0 < self._chunk_bytes < _LEAST_CHUNK_BYTES:  # it was not the last, then
            raise _too_small(self._chunks, self._chunk_bytes)
        self._chunk_bytes = self._left
        self._chunk_signature = extension.partition("chunk-signature=")[2].strip()
        self._digest = sha256()
        self._state = "data"
        if not self._left:
            self._verify_chunk()
            self._state = "trailer"

    def _verify_chunk(self) -> None:
        if not self._signed:
            return
        seal = self._seal
        text = "\n".join(
            (
                "AWS4-HMAC-SHA256-PAYLOAD",
                seal.timestamp,
                seal.scope,
                self._previous,
                sigv4.EMPTY_SHA256,
                self._digest.hexdigest(),
            )
        )
        expected = sigv4.sign(seal.key, text)
        if not sigv4.same(expected, self._chunk_signature):
            raise _mismatch()
        self._previous = expected

    def _end(self) -> None:
        signature = self._trailers.pop("x-amz-trailer-signature", "")
        if self._trailing and self._signed:
            canonical = "".join(f"{name}:{value}\n" for name, value in sorted(self._trailers.items()))
            digest = sha256(canonical.encode("latin-1")).hexdigest()
            seal = self._seal
            text = "\n".join(("AWS4-HMAC-SHA256-TRAILER", seal.timestamp, seal.scope, self._previous, digest))
            if not sigv4.same(sigv4.sign(seal.key, text), signature):
                raise _mismatch()
        self._state = "end"


def _too_small(chunk: int, size: int) -> Refusal:
    """Refuse a small chunk in S3's words, and with the number of the chunk that follows it (recorded)."""
    text = f"Only the last chunk is allowed to have a size less than {_LEAST_CHUNK_BYTES} bytes"
    return Refusal("InvalidChunkSizeError", text, 403, Chunk=str(chunk), BadChunkSize=str(size))


def _malformed() -> Refusal:
    return Refusal("InvalidRequest", "The aws-chunked encoding of the body is malformed.", 400)


def _mismatch() -> Refusal:
    return refusals.mismatch(
        "s3",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    )
