"""The step that holds a body to what its signature promised, while it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sagehen.api.streams import BodyStream
from sagehen.gateway.requests.body import collect
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures import sigv4
from sagehen.gateway.signatures.aws_chunked import ChunkedBody
from sagehen.gateway.signatures.seal import Seal


def hash_mismatch(claimed: str, computed: str) -> Refusal:
    """The body is not the one whose hash was signed; S3's code and members (recorded)."""
    return Refusal(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        400,
        ClientComputedContentSHA256=claimed,
        S3ComputedContentSHA256=computed,
    )


class HashedBody:
    """A body whose SHA-256 was signed: the last piece is followed by an error if it is another's."""

    def __init__(self, body: BodyStream, expected: str) -> None:
        self._body = body
        self._expected = expected
        self.length = body.length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        digest = sha256()
        async for piece in self._body:
            digest.update(piece)  # pieces are at most 256 kB: 0.2 ms
            yield piece
        _check_hash(digest.hexdigest(), self._expected)

    async def read(self, limit: int) -> bytes:
        """Return the body whole.

        Raises:
            RequestEntityTooLarge: It is longer than `limit` bytes.
            Refusal: XAmzContentSHA256Mismatch.
        """
        return await collect(self, limit)

    def trailers(self) -> dict[str, str]:
        """Return those of the body below."""
        return self._body.trailers()


def sealed(body: BodyStream, seal: Seal, headers: Mapping[str, str]) -> tuple[Mapping[str, str], BodyStream]:
    """Return headers and body without the `aws-chunked` encoding, the body held to its seal.

    Raises:
        Refusal: The word in `x-amz-content-sha256` is not one of AWS's.
    """
    if seal.content == sigv4.UNSIGNED_PAYLOAD:
        return headers, body
    if seal.is_hash:
        return headers, HashedBody(body, seal.content)
    decoded = ChunkedBody(body, seal, headers)
    kept = [name.strip() for name in headers.get("content-encoding", "").split(",")]
    kept = [name for name in kept if name and name != "aws-chunked"]
    plain = {name: value for name, value in headers.items() if name != "content-encoding"}
    plain["content-length"] = str(decoded.length)
    if kept:
        plain["content-encoding"] = ",".join(kept)
    return plain, decoded


@dataclass(frozen=True, slots=True)
class Content:
    """A body that was read before its signature was verified, with its SHA-256 in hexadecimal."""

    body: bytes
    sha256: str


async def read_content(body: BodyStream, limit: int) -> Content:
    """Read a body whole, its hash taken piece by piece: that of 70 MB at once held the loop for 90 ms.

    Raises:
        RequestEntityTooLarge: It is longer than `limit` bytes.
        IncompleteBody: The client broke off.
    """
    digest = sha256()
    plain = await collect(body, limit, digest.update)
    return Content(plain, digest.hexdigest())


def check_content(content: Content, seal: Seal) -> None:
    """Hold a body that was read already to its seal.

    Raises:
        Refusal: XAmzContentSHA256Mismatch.
    """
    if seal.is_hash:
        _check_hash(content.sha256, seal.content)


def _check_hash(computed: str, expected: str) -> None:
    if not sigv4.same(computed, expected):
        raise hash_mismatch(expected, computed)
