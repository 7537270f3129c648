"""What S3's clients say of a document that they send: Content-MD5, or a checksum of their choice.

Bodies of objects are compared while they are stored; this is for everything else that S3 takes, such as
a bucket's tags or its policy. What was claimed and is not so is refused, as on S3.
"""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.protocol.model import Operation
from sagehen.services.s3.checksums import ALGORITHMS, DEFAULT_ALGORITHM, Digest, expectation, member


def check_document(operation: Operation, headers: Mapping[str, str], body: bytes) -> None:
    """Compare a body with what its request claims.

    Args:
        operation: Only where the model says that it checks them do checksums speak of the body: those of
            CompleteMultipartUpload are the object's.
        headers: Lower-case names.
        body: Decoded.

    Raises:
        BadDigest, InvalidDigest, InvalidRequest.
    """
    claims: dict[str, str] = {}
    if (md5 := headers.get("content-md5")) is not None:
        claims["ContentMD5"] = md5
    if "httpChecksum" in operation.traits or "httpChecksumRequired" in operation.traits:
        for algorithm in ALGORITHMS:
            if (value := headers.get(f"x-amz-checksum-{algorithm.lower()}")) is not None:
                claims[member(algorithm)] = value
    if not claims:
        return
    expected = expectation(claims, {})
    digest = Digest(expected.algorithm or DEFAULT_ALGORITHM)
    digest.update(body)
    expected.verify(digest, {})
