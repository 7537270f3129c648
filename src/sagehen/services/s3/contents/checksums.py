"""Checksums: computed while bytes pass, compared with what the client said, combined over parts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.services.s3.errors.bodies import BadDigest, EntityTooLarge, InvalidDigest
from sagehen.services.s3.errors.requests import InvalidRequest


def load() -> None:
    """Load the library of CRCs: it takes 50 ms, for which the start of a platform does not wait."""
    import awscrt.checksums  # noqa: F401 - for those who import it below


def _of_library(name: str) -> Callable[..., int]:
    def compute(*arguments: Any) -> int:
        from awscrt import checksums

        found: int = getattr(checksums, name)(*arguments)
        return found

    return compute


# What computes one, what joins those of two stretches of bytes, and its width in bytes.
CRCS: dict[str, tuple[Callable[..., int], Callable[[int, int, int], int], int]] = {
    # The standard library's is as fast, and lets other threads run meanwhile.
    "CRC32": (zlib.crc32, _of_library("combine_crc32"), 4),
    "CRC32C": (_of_library("crc32c"), _of_library("combine_crc32c"), 4),
    "CRC64NVME": (_of_library("crc64nvme"), _of_library("combine_crc64nvme"), 8),
}
# Documented: Checking object integrity, the algorithms and the kinds of combination of each.
_DIGEST_BYTES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
ALGORITHMS = tuple(_DIGEST_BYTES)
# In the model since 2026; refused rather than ignored.
_UNBUILT = ("SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128")
EVERY_ALGORITHM = (*ALGORITHMS, *_UNBUILT)
# What S3 adds by itself to objects that come without a checksum (since December 2024).
DEFAULT_ALGORITHM = "CRC64NVME"
FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"
# Documented: PutObject; the same of a part, and of a copy in one request.
MAX_PUT_BYTES = 5 * 1024**3


def member(algorithm: str) -> str:
    """Return the model's member that carries a checksum: `ChecksumCRC32`."""
    return f"Checksum{algorithm}"


class Checksum:
    """One running checksum."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self._crc = 0
        # SHA1 is S3's algorithm of integrity here, not of security.
        self._sha = None if algorithm in CRCS else hashlib.new(algorithm.lower(), usedforsecurity=False)

    def update(self, data: bytes) -> None:
        """Take in the bytes that follow; to be called by one thread at a time."""
        if self._sha is not None:
            self._sha.update(data)
        else:
            self._crc = CRCS[self.algorithm][0](data, self._crc)

    def value(self) -> str:
        """Return it in base64, as headers carry it."""
        if self._sha is not None:
            return base64.b64encode(self._sha.digest()).decode()
        return base64.b64encode(self._crc.to_bytes(CRCS[self.algorithm][2], "big")).decode()


class Digest:
    """Everything that is computed over one body in a single pass: size, MD5, checksums.

    Args:
        algorithm: Of the checksum that the client claims.
        stored: Of the checksum that is kept, where that is another.
    """

    def __init__(self, algorithm: str, stored: str | None = None) -> None:
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.checksum = Checksum(algorithm)
        self.stored = self.checksum if stored in (None, algorithm) else Checksum(stored or algorithm)

    @property
    def observers(self) -> list[Callable[[bytes], None]]:
        """What has to see every byte, in order; each may run in a thread of its own."""
        checksums = [self.checksum] if self.stored is self.checksum else [self.checksum, self.stored]
        return [self._count, *(checksum.update for checksum in checksums)]

    def _count(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > MAX_PUT_BYTES:
            raise EntityTooLarge(self.size, MAX_PUT_BYTES)
        self._md5.update(data)

    def update(self, data: bytes) -> None:
        """Take in the bytes that follow, all observers one after the other."""
        for observe in self.observers:
            observe(data)

    @property
    def etag(self) -> str:
        return f'"{self._md5.hexdigest()}"'

    @property
    def md5(self) -> bytes:
        return self._md5.digest()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a client said about the body that it sends.

    Args:
        algorithm: The checksum that it chose; None where it chose none.
        value: Sent ahead, in a header; None where it follows in a trailer or not at all.
        content_md5: The decoded Content-MD5.
    """

    algorithm: str | None = None
    value: str | None = None
    content_md5: bytes | None = None

    def verify(self, digest: Digest, trailers: Mapping[str, str]) -> None:
        """Compare with what arrived.

        Raises:
            BadDigest: A checksum or Content-MD5 differs.
        """
        if self.content_md5 is not None and self.content_md5 != digest.md5:
            raise BadDigest(
                "The Content-MD5 you specified did not match what we received.",
                # The one in hexadecimal, the other in base64: recorded.
                ExpectedDigest=self.content_md5.hex(),
                CalculatedDigest=base64.b64encode(digest.md5).decode(),
            )
        if self.algorithm is None:
            return
        claimed = self.value or trailers.get(f"x-amz-checksum-{self.algorithm.lower()}")
        if claimed is not None and claimed.strip() != digest.checksum.value():
            raise mismatch(self.algorithm)


def mismatch(algorithm: str) -> BadDigest:
    """Return the refusal of bytes whose checksum is another than the client's."""
    return BadDigest(f"The {algorithm} you specified did not match the calculated checksum.")


def expectation(request: Mapping[str, Any], headers: Mapping[str, str]) -> Expectation:
    """Read a request's claims: `Checksum…` members, the announced trailer, Content-MD5.

    Raises:
        InvalidRequest: Several checksums, an unknown algorithm, one without a value, or an impossible value.
        BadDigest: The algorithm that is named is another than the checksum's (documented).
        InvalidDigest: Content-MD5 is not the base64 of 16 bytes.
    """
    for name in _UNBUILT:
        if request.get(member(name)) is not None:
            supported(name)
    sent = {name: request[member(name)] for name in ALGORITHMS if request.get(member(name)) is not None}
    # One checksum a request: recorded; as is the refusal of impossible values.
    if len(sent) > 1:
        raise InvalidRequest(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        )
    for algorithm, value in sent.items():
        if len(_decoded(value) or b"") != _DIGEST_BYTES[algorithm]:
            raise InvalidRequest(f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.")
        return Expectation(_as_named(algorithm, request), value, _content_md5(request))
    trailer = headers.get("x-amz-trailer", "").strip().lower()
    if trailer.startswith("x-amz-checksum-"):
        algorithm = supported(trailer.removeprefix("x-amz-checksum-").upper())
        return Expectation(_as_named(algorithm, request), None, _content_md5(request))
    # Words that other implementations of S3 have too, after SDKs that announced what they did not send.
    if named := request.get("ChecksumAlgorithm"):
        supported(named.upper())
        raise InvalidRequest(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
            "headers were found."
        )
    return Expectation(None, None, _content_md5(request))


def _as_named(algorithm: str, request: Mapping[str, Any]) -> str:
    """Return the algorithm of the checksum that came, which must be the one that the request names."""
    named = supported((request.get("ChecksumAlgorithm") or algorithm).upper())
    if named != algorithm:
        raise mismatch(named)
    return algorithm


def supported(algorithm: str) -> str:
    """Return an algorithm that is built.

    Raises:
        InvalidRequest: It is none, or one of those that S3 has since 2026; the text lists what it takes.
    """
    if algorithm not in ALGORITHMS:
        raise InvalidRequest(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(ALGORITHMS)}]"
        )
    return algorithm


def _content_md5(request: Mapping[str, Any]) -> bytes | None:
    value = request.get("ContentMD5")
    if value is None:
        return None
    decoded = _decoded(value)
    if decoded is None or len(decoded) != 16:
        raise InvalidDigest(value)
    return decoded


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
