"""Copies of an object onto itself: what makes one legal."""

from __future__ import annotations

from typing import Any

from .conftest import refused


def test_a_bucket_s_own_encryption_makes_it_a_change(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    where = {"Bucket": bucket, "Key": "k", "CopySource": f"{bucket}/k"}
    assert refused(s3.copy_object, **where) == {
        "Code": "InvalidRequest",
        "Message": "This copy request is illegal because it is trying to copy an object to itself without "
        "changing the object's metadata, storage class, website redirect location or encryption attributes.",
        "Status": 400,
    }
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.copy_object(**where)["ServerSideEncryption"] == "AES256"


def test_a_copy_has_the_headers_of_its_source_alone(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ContentType="a/b", Metadata={"a": "b"})
    copy = {"Bucket": bucket, "Key": "l", "CopySource": f"{bucket}/k"}
    s3.copy_object(**copy, CacheControl="no-store", ContentType="c/d", WebsiteRedirectLocation="/m")
    found = s3.head_object(Bucket=bucket, Key="l")
    assert (found["ContentType"], found["Metadata"]) == ("a/b", {"a": "b"})
    assert "CacheControl" not in found and found["WebsiteRedirectLocation"] == "/m"
    s3.copy_object(**copy, CacheControl="no-store", MetadataDirective="REPLACE")
    found = s3.head_object(Bucket=bucket, Key="l")
    assert (found["CacheControl"], found["Metadata"]) == ("no-store", {})
    assert "WebsiteRedirectLocation" not in found
