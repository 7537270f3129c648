"""What a request claims of a document is compared with it, wherever the claim stands."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from sagehen.api.errors import ServiceError
from sagehen.gateway.requests.integrity import check_document
from sagehen.protocol.models.catalog import Catalog

BODY = b"<Tagging><TagSet/></Tagging>"
CRC = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()
MD5 = base64.b64encode(hashlib.md5(BODY).digest()).decode()
OTHER = base64.b64encode(b"1234").decode()
ANNOUNCED = {"x-amz-trailer": "x-amz-checksum-crc32"}
PUT_TAGGING = Catalog(["s3"]).service("s3").operation("PutBucketTagging")
COMPLETE = Catalog(["s3"]).service("s3").operation("CompleteMultipartUpload")


@pytest.mark.parametrize(
    ("headers", "trailers", "code"),
    [
        ({}, {}, None),
        ({"content-md5": MD5}, {}, None),
        ({"content-md5": base64.b64encode(b"a" * 16).decode()}, {}, "BadDigest"),
        ({"content-md5": "a"}, {}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": CRC}, {}, None),
        ({"x-amz-checksum-crc32": OTHER}, {}, "BadDigest"),
        ({"x-amz-sdk-checksum-algorithm": "CRC32", "x-amz-checksum-crc32": CRC}, {}, None),
        ({"x-amz-sdk-checksum-algorithm": "SHA1", "x-amz-checksum-crc32": CRC}, {}, "BadDigest"),
        ({"x-amz-sdk-checksum-algorithm": "CRC32"}, {}, "InvalidRequest"),
        ({"x-amz-sdk-checksum-algorithm": "CRC33"}, {}, "InvalidRequest"),
        (ANNOUNCED, {"x-amz-checksum-crc32": CRC}, None),
        (ANNOUNCED, {"x-amz-checksum-crc32": OTHER}, "BadDigest"),
        (ANNOUNCED | {"x-amz-sdk-checksum-algorithm": "CRC32"}, {"x-amz-checksum-crc32": CRC}, None),
        (ANNOUNCED | {"x-amz-sdk-checksum-algorithm": "SHA1"}, {"x-amz-checksum-crc32": CRC}, "BadDigest"),
    ],
    ids=str,
)
def test_a_document_is_what_was_claimed(
    headers: dict[str, str], trailers: dict[str, str], code: str | None
) -> None:
    refused = None
    try:
        check_document(PUT_TAGGING, headers, BODY, trailers)
    except ServiceError as error:
        refused = error.code
    assert refused == code


def test_the_checksums_of_a_completed_upload_are_the_object_s() -> None:
    claimed = {"x-amz-checksum-crc32": OTHER}
    assert check_document(COMPLETE, claimed, b"<CompleteMultipartUpload/>", {}) is None
    with pytest.raises(ServiceError):
        check_document(PUT_TAGGING, claimed, b"<CompleteMultipartUpload/>", {})
