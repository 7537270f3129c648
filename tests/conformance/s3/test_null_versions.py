"""Buckets whose versioning is suspended: writes do not name the null version, reads do."""

from __future__ import annotations

from typing import Any

from .conftest import refused


def versioning(s3: Any, bucket: str, status: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def test_null_versions_come_and_go(s3: Any, bucket: str) -> None:
    versioning(s3, bucket, "Enabled")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    versioning(s3, bucket, "Suspended")
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"22")
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    listed = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [(entry["VersionId"], entry["IsLatest"], entry["Size"]) for entry in listed] == [
        ("null", True, 2),
        (first, False, 1),
    ]
    deleted = s3.delete_object(Bucket=bucket, Key="k")
    assert deleted["DeleteMarker"] is True and deleted["VersionId"] == "null"
    listing = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in listing["Versions"]] == [first]
    assert [entry["VersionId"] for entry in listing["DeleteMarkers"]] == ["null"]


def test_copies_do_not_name_a_null_source(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    versioning(s3, bucket, "Enabled")
    copied = s3.copy_object(
        Bucket=bucket, Key="k", CopySource=f"{bucket}/k", MetadataDirective="REPLACE", Metadata={"a": "b"}
    )
    assert copied["VersionId"] != "null" and "CopySourceVersionId" not in copied
    again = s3.copy_object(Bucket=bucket, Key="l", CopySource=f"{bucket}/k")
    assert again["CopySourceVersionId"] == copied["VersionId"]


def test_tags_of_a_delete_marker(s3: Any, bucket: str) -> None:
    versioning(s3, bucket, "Enabled")
    s3.put_object(Bucket=bucket, Key="k")
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    for named in ({}, {"VersionId": marker}):
        where = {"Bucket": bucket, "Key": "k", **named}
        for method, error in (
            ("GET", refused(s3.get_object_tagging, **where)),
            ("PUT", refused(s3.put_object_tagging, **where, Tagging=tags)),
            ("DELETE", refused(s3.delete_object_tagging, **where)),
        ):
            assert error == {
                "Code": "MethodNotAllowed",
                "Message": "The specified method is not allowed against this resource.",
                "Method": method,
                "ResourceType": "DeleteMarker",
                "Status": 405,
            }


def test_versions_that_are_none(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    foreign = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"
    error = refused(s3.get_object, Bucket=bucket, Key="k", VersionId=foreign)
    assert error == {
        "Code": "InvalidArgument",
        "Message": "Invalid version id specified",
        "ArgumentName": "versionId",
        "ArgumentValue": foreign,
        "Status": 400,
    }
    entries = {"Objects": [{"Key": "k", "VersionId": foreign}]}
    assert s3.delete_objects(Bucket=bucket, Delete=entries)["Errors"] == [
        {
            "Key": "k",
            "VersionId": foreign,
            "Code": "NoSuchVersion",
            "Message": "The specified version does not exist.",
        }
    ]
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 0
