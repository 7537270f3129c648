"""What a client claims of a document that it sends with a bucket or an object is compared."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}


@pytest.fixture
def bucket(client: Any) -> Iterator[str]:
    name = f"digests-{uuid.uuid4().hex[:8]}"
    client("s3").create_bucket(Bucket=name)
    yield name
    client("s3").delete_bucket(Bucket=name)


def b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def with_header(s3: Any, operation: str, name: str, value: Any) -> None:
    def put(params: dict[str, Any], **_: Any) -> None:
        for key in [key for key in params["headers"] if key.lower().startswith("x-amz-checksum")]:
            del params["headers"][key]
        params["headers"][name] = value(params["body"]) if callable(value) else value

    s3.meta.events.register_last(f"before-call.s3.{operation}", put)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Content-MD5", b64(bytes(16)), "BadDigest"),
        ("Content-MD5", "no digest", "InvalidDigest"),
        ("Content-MD5", lambda body: b64(hashlib.md5(body).digest()), None),
        ("x-amz-checksum-sha256", b64(bytes(32)), "BadDigest"),
        ("x-amz-checksum-sha256", "no digest", "InvalidRequest"),
        ("x-amz-checksum-sha256", lambda body: b64(hashlib.sha256(body).digest()), None),
        ("x-amz-checksum-crc32", b64(bytes(4)), "BadDigest"),
    ],
)
def test_a_buckets_tags(client: Any, bucket: str, name: str, value: Any, code: str | None) -> None:
    s3 = client("s3")
    with_header(s3, "PutBucketTagging", name, value)
    # botocore leaves a checksum that is there alone, if it is of the algorithm that was asked for.
    chosen: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if name.endswith("sha256") else {}
    if code is None:
        s3.put_bucket_tagging(Bucket=bucket, Tagging=TAGS, **chosen)
        assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == TAGS["TagSet"]
        return
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_tagging(Bucket=bucket, Tagging=TAGS, **chosen)
    assert raised.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=bucket)


def test_a_completed_uploads_checksum_is_the_objects_own(client: Any, bucket: str) -> None:
    """Its header speaks of the object, not of the document that completes it."""
    s3 = client("s3")
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )
    this = {"Bucket": bucket, "Key": "k", "UploadId": upload["UploadId"]}
    part = s3.upload_part(**this, PartNumber=1, Body=b"part", ChecksumAlgorithm="CRC32")
    parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]
    done = s3.complete_multipart_upload(
        **this,
        MultipartUpload={"Parts": parts},
        ChecksumCRC32=part["ChecksumCRC32"],
        ChecksumType="FULL_OBJECT",
    )
    assert done["ChecksumCRC32"] == part["ChecksumCRC32"]
    s3.delete_object(Bucket=bucket, Key="k")
