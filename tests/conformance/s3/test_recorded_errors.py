"""Whole error bodies as AWS was recorded to answer: every element, and none besides (no `Resource`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from .conftest import refused

_NOT_XML = "The XML you provided was not well-formed or did not validate against our published schema"
_NO_PART = (
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
    "specified entity tag may not match the part's entity tag."
)
_NOT_HELD = "At least one of the pre-conditions you specified did not hold"
_ABSENT = {
    "bucket_cors": ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    "bucket_lifecycle_configuration": (
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
    ),
    "bucket_policy": ("NoSuchBucketPolicy", "The bucket policy does not exist"),
    "bucket_replication": (
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    "bucket_tagging": ("NoSuchTagSet", "The TagSet does not exist"),
}


def error(code: str, message: str, status: int = 400, **members: str) -> dict[str, Any]:
    return {"Code": code, "Message": message, "Status": status, **members}


@pytest.mark.parametrize("kind", _ABSENT)
def test_configuration_that_was_never_put(s3: Any, bucket: str, kind: str) -> None:
    ask: Callable[..., Any] = getattr(s3, f"get_{kind}")
    assert refused(ask, Bucket=bucket) == error(*_ABSENT[kind], 404, BucketName=bucket)
    no_bucket = error("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=f"{bucket}-no")
    assert refused(ask, Bucket=f"{bucket}-no") == no_bucket


def test_uploads_in_parts(s3: Any, bucket: str) -> None:
    on = {"Bucket": bucket, "Key": "k"}
    no_upload = error(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
        "aborted or completed.",
        404,
        UploadId="x",
    )
    assert refused(s3.upload_part, **on, UploadId="x", PartNumber=1, Body=b"x") == no_upload
    assert refused(s3.abort_multipart_upload, **on, UploadId="x") == no_upload
    upload = s3.create_multipart_upload(**on)["UploadId"]
    etag = s3.upload_part(**on, UploadId=upload, PartNumber=1, Body=b"x")["ETag"]

    def complete(number: int, etag: str, **more: Any) -> dict[str, Any]:
        parts = {"Parts": [{"PartNumber": number, "ETag": etag}]}
        return refused(s3.complete_multipart_upload, **on, UploadId=upload, MultipartUpload=parts, **more)

    for number, tag in ((1, "d41d8cd98f00b204e9800998ecf8427e"), (2, etag.strip('"'))):
        named = {"UploadId": upload, "PartNumber": str(number), "ETag": tag}
        assert complete(number, tag) == error("InvalidPart", _NO_PART, **named)
    assert complete(1, etag, MpuObjectSize=10) == error(
        "InvalidRequest",
        "The provided 'x-amz-mp-object-size' header value 10 does not match what was computed: 1",
    )


def test_bodies_that_are_not_as_they_were_announced(s3: Any, bucket: str) -> None:
    put = {"Bucket": bucket, "Key": "k", "Body": b"x"}
    for md5 in ("__invalid__", "000", "MTIz", "eHh4eHh4eHh4eHh4eHh4eHg="):
        invalid = {"Content-MD5": md5}
        expected = error("InvalidDigest", "The Content-MD5 you specified was invalid.", **invalid)
        assert refused(s3.put_object, **put, ContentMD5=md5) == expected
    for checksum, code, text in (
        ("test", "InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid."),
        ("AAAAAA==", "BadDigest", "The CRC32 you specified did not match the calculated checksum."),
    ):
        assert refused(s3.put_object, **put, ChecksumCRC32=checksum) == error(code, text)
    assert refused(s3.put_object, **put, ChecksumCRC32="AAAAAA==", ChecksumSHA256="AAAA") == error(
        "InvalidRequest",
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    )
    outposts = error(
        "InvalidStorageClass",
        "The storage class you specified is not valid",
        StorageClassRequested="OUTPOSTS",
    )
    assert refused(s3.put_object, **put, StorageClass="OUTPOSTS") == outposts


def test_ranges_and_conditions(s3: Any, bucket: str) -> None:
    on = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**on, Body=b"0123456789")
    for asked in ("bytes=100-200", "bytes=-0"):
        said = {"ActualObjectSize": "10", "RangeRequested": asked}
        expected = error("InvalidRange", "The requested range is not satisfiable", 416, **said)
        assert refused(s3.get_object, **on, Range=asked) == expected
    assert refused(s3.put_object, **on, IfNoneMatch="*") == error(
        "PreconditionFailed", _NOT_HELD, 412, Condition="If-None-Match"
    )
    assert refused(s3.put_object, **on, IfMatch="*") == error(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        501,
        Header="If-Match",
        additionalMessage="We don't accept the provided value of If-Match header for this API",
    )
    moment = s3.head_object(**on)["LastModified"]
    for name, condition, when in (
        ("IfModifiedSince", "If-Modified-Since", moment),
        ("IfUnmodifiedSince", "If-Unmodified-Since", moment - timedelta(hours=1)),
    ):
        copy = {"Bucket": bucket, "Key": "l", "CopySource": f"{bucket}/k", f"CopySource{name}": when}
        expected = error("PreconditionFailed", _NOT_HELD, 412, Condition=f"x-amz-copy-source-{condition}")
        assert refused(s3.copy_object, **copy) == expected


def test_documents_that_are_none(s3: Any, bucket: str) -> None:
    for status in ("enabled", "Disabled"):
        wrong = {"Status": status}
        found = refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=wrong)
        assert found == error("MalformedXML", _NOT_XML)
    assert refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={}) == error(
        "IllegalVersioningConfigurationException", "The Versioning element must be specified"
    )
    for rules, expected in (
        ([], error("MalformedXML", _NOT_XML)),
        (
            [{"AllowedMethods": ["WRONG"], "AllowedOrigins": ["*"]}],
            error(
                "InvalidRequest",
                "Found unsupported HTTP method in CORS config. Unsupported method is WRONG",
            ),
        ),
    ):
        assert refused(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": rules}) == expected


def test_delete_markers_and_what_they_hide(s3: Any, bucket: str) -> None:
    on = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**on, Body=b"x")
    not_empty = "The bucket you tried to delete is not empty"
    assert refused(s3.delete_bucket, Bucket=bucket) == error(
        "BucketNotEmpty", not_empty, 409, BucketName=bucket
    )
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    not_empty += ". You must delete all versions in the bucket."
    s3.delete_object(**on, VersionId="null")
    marker = {**on, "VersionId": s3.delete_object(**on)["VersionId"]}
    assert refused(s3.delete_bucket, Bucket=bucket) == error(
        "BucketNotEmpty", not_empty, 409, BucketName=bucket
    )
    no_key = error("NoSuchKey", "The specified key does not exist.", 404, Key="k")
    not_allowed = "The specified method is not allowed against this resource."
    for ask in (s3.get_object, s3.get_object_acl):
        assert refused(ask, **on) == no_key
        said = {"Method": "GET", "ResourceType": "DeleteMarker"}
        assert refused(ask, **marker) == error("MethodNotAllowed", not_allowed, 405, **said)
    said = {"Method": "PUT", "ResourceType": "DeleteMarker"}
    for named in (on, marker):
        found = refused(s3.put_object_acl, **named, ACL="private")
        assert found == error("MethodNotAllowed", not_allowed, 405, **said)
