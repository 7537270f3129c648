"""Conditional reads, writes, copies and completions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .conftest import refused

CONFLICT = {
    "Code": "ConditionalRequestConflict",
    "Message": "The conditional request cannot succeed due to a conflicting operation against this resource.",
    "Key": "k",
    "Status": 409,
}


def begun(s3: Any, bucket: str) -> dict[str, Any]:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    part = s3.upload_part(**where, PartNumber=1, Body=b"data")
    return {**where, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}}


def test_a_date_in_the_future_says_nothing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    future = datetime.now(UTC) + timedelta(days=1)
    assert s3.get_object(Bucket=bucket, Key="k", IfModifiedSince=future)["ContentLength"] == 1
    s3.copy_object(Bucket=bucket, Key="l", CopySource=f"{bucket}/k", CopySourceIfModifiedSince=future)
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert refused(s3.get_object, Bucket=bucket, Key="k", IfModifiedSince=modified)["Status"] == 304


def test_conditions_that_s3_does_not_know(s3: Any, bucket: str) -> None:
    for member, header, value in (("IfMatch", "If-Match", "*"), ("IfNoneMatch", "If-None-Match", '"x"')):
        assert refused(s3.put_object, Bucket=bucket, Key="k", **{member: value}) == {
            "Code": "NotImplemented",
            "Message": "A header you provided implies functionality that is not implemented",
            "Header": header,
            "additionalMessage": f"We don't accept the provided value of {header} header for this API",
            "Status": 501,
        }


def test_a_completion_if_the_key_is_new(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    upload = begun(s3, bucket)
    failed = refused(s3.complete_multipart_upload, **upload, IfNoneMatch="*")
    assert (failed["Code"], failed["Condition"], failed["Status"]) == (
        "PreconditionFailed",
        "If-None-Match",
        412,
    )
    s3.delete_object(Bucket=bucket, Key="k")
    conflict = refused(s3.complete_multipart_upload, **upload, IfNoneMatch="*")
    assert conflict == {**CONFLICT, "Condition": "If-None-Match"}
    s3.complete_multipart_upload(**begun(s3, bucket), IfNoneMatch="*")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 4


def test_a_completion_if_the_object_is_the_same(s3: Any, bucket: str) -> None:
    before = s3.put_object(Bucket=bucket, Key="k", Body=b"test")["ETag"]
    upload = begun(s3, bucket)
    # The same bytes again: the condition holds, and yet somebody wrote meanwhile.
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"test")["ETag"] == before
    conflict = refused(s3.complete_multipart_upload, **upload, IfMatch=before)
    assert conflict == {**CONFLICT, "Condition": "If-Match"}
    other = refused(s3.complete_multipart_upload, **upload, IfMatch='"0123456789abcdef0123456789abcdef"')
    assert (other["Code"], other["Status"]) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket=bucket, Key="k")
    assert refused(s3.complete_multipart_upload, **upload, IfMatch=before)["Code"] == "NoSuchKey"
    s3.put_object(Bucket=bucket, Key="k", Body=b"test")
    s3.complete_multipart_upload(**begun(s3, bucket), IfMatch=before)
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"].endswith('-1"')
