"""What S3's clients say of a document that they send: Content-MD5, or a checksum of their choice.

Bodies of objects are compared while they are stored; this is for everything else that S3 takes, such as
a bucket's tags or its policy. What was claimed and is not so is refused, as on S3.
"""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.protocol.models.description import Operation
from sagehen.services.s3.contents.checksums import ALGORITHMS, DEFAULT_ALGORITHM, Digest, expectation, member


def check_document(
    operation: Operation, headers: Mapping[str, str], body: bytes, trailers: Mapping[str, str]
) -> None:
    """Compare a body with what its request claims.

    Args:
        operation: Only where the model says that it checks them do checksums speak of the body: those of
            CompleteMultipartUpload are the object's.
        headers: Lower-case names.
        body: Decoded.
        trailers: What came behind it.

    Raises:
        BadDigest, InvalidDigest, InvalidRequest.
    """
    claims: dict[str, str] = {}
    announced: Mapping[str, str] = {}
    if (md5 := headers.get("content-md5")) is not None:
        claims["ContentMD5"] = md5
    if "requestAlgorithmMember" in operation.traits.get("httpChecksum", {}):
        announced = headers
        if (algorithm := headers.get("x-amz-sdk-checksum-algorithm")) is not None:
            claims["ChecksumAlgorithm"] = algorithm
        for name in ALGORITHMS:
            if (value := headers.get(f"x-amz-checksum-{name.lower()}")) is not None:
                claims[member(name)] = value
    if not claims and "x-amz-trailer" not in announced:
        return
    expected = expectation(claims, announced)
    digest = Digest(expected.algorithm or DEFAULT_ALGORITHM)
    digest.update(body)
    expected.verify(digest, trailers)
