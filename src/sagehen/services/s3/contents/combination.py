"""Checksums and ETags over the parts of a multipart upload."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from sagehen.services.s3.contents.checksums import COMPOSITE, CRCS, FULL_OBJECT, Checksum
from sagehen.services.s3.errors.requests import InvalidRequest


def checksum_type_of(algorithm: str, requested: str | None) -> str:
    """Return how parts are combined: CRC64NVME only as a whole, SHA only composite, CRC32(C) either.

    Raises:
        InvalidRequest: The type does not exist for the algorithm.
    """
    # Documented: Checking object integrity, full object and composite checksum types.
    only = {"CRC64NVME": FULL_OBJECT, "SHA1": COMPOSITE, "SHA256": COMPOSITE}.get(algorithm)
    if requested and only and requested != only:
        raise InvalidRequest(
            f"The {requested} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        )
    return only or requested or COMPOSITE


def combine(algorithm: str, checksum_type: str, parts: Sequence[tuple[str, int]]) -> str:
    """Return the checksum of an object from (base64 checksum, size in bytes) of its parts."""
    if checksum_type == COMPOSITE:
        whole = Checksum(algorithm)
        for value, _ in parts:
            whole.update(base64.b64decode(value))
        return f"{whole.value()}-{len(parts)}"
    _, join, width = CRCS[algorithm]
    crc = 0
    for value, size in parts:
        crc = join(crc, int.from_bytes(base64.b64decode(value), "big"), size)
    return base64.b64encode(crc.to_bytes(width, "big")).decode()


def combined_etag(etags: Sequence[str]) -> str:
    """Return the ETag of a multipart object: the MD5 of its parts' MD5s, and their number."""
    # Not documented as such, known since multipart uploads were new, and relied upon by clients.
    md5 = hashlib.md5(usedforsecurity=False)
    for etag in etags:
        md5.update(bytes.fromhex(etag.strip('"')))
    return f'"{md5.hexdigest()}-{len(etags)}"'
