"""What listings say of themselves, and where they go on."""

from __future__ import annotations

import re
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import refused

KEYS = ("folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2")


def filled(s3: Any, bucket: str) -> None:
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"content key")


def test_a_marker_inside_a_common_prefix(s3: Any, bucket: str) -> None:
    filled(s3, bucket)
    where = {"Bucket": bucket, "Prefix": "folder/", "Delimiter": "/", "MaxKeys": 1}
    page = s3.list_objects(**where, Marker="folder/aSubfolder/subFile1")
    assert [entry["Key"] for entry in page["Contents"]] == ["folder/file1"]
    assert page["NextMarker"] == "folder/file1" and "CommonPrefixes" not in page
    versions = s3.list_object_versions(**where, KeyMarker="folder/aSubfolder/subFile1")
    assert [entry["Key"] for entry in versions["Versions"]] == ["folder/file1"]
    assert versions["NextKeyMarker"] == "folder/file1"


def test_a_token_takes_the_place_of_start_after(s3: Any, bucket: str) -> None:
    filled(s3, bucket)
    first = s3.list_objects_v2(Bucket=bucket, StartAfter="folder/a", MaxKeys=1)
    assert first["StartAfter"] == "folder/a"
    second = s3.list_objects_v2(
        Bucket=bucket, StartAfter="folder/a", ContinuationToken=first["NextContinuationToken"], MaxKeys=1
    )
    assert "StartAfter" not in second and second["Contents"][0]["Key"] == KEYS[1]


def test_versions_behind_one_that_is_gone(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"", b"1"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=1)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=page["NextVersionIdMarker"])
    rest = s3.list_object_versions(
        Bucket=bucket, KeyMarker=page["NextKeyMarker"], VersionIdMarker=page["NextVersionIdMarker"]
    )
    assert [(entry["Size"], entry["IsLatest"]) for entry in rest["Versions"]] == [(0, True)]


def test_uploads_and_who_began_them(s3: Any, client: Any, bucket: str) -> None:
    empty = s3.list_multipart_uploads(Bucket=bucket)
    assert (empty["NextKeyMarker"], empty["NextUploadIdMarker"], "Prefix" in empty) == ("", "", False)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    listed = s3.list_multipart_uploads(Bucket=bucket)
    assert (listed["NextKeyMarker"], listed["NextUploadIdMarker"]) == ("k", upload)
    owner = listed["Uploads"][0]["Owner"]["ID"]
    assert re.fullmatch("[0-9a-f]{64}", owner)
    # Root is its account; a user is named by his ARN, and both have a name to show.
    assert listed["Uploads"][0]["Initiator"]["ID"] == owner
    assert listed["Uploads"][0]["Initiator"]["DisplayName"]
    assert s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Initiator"]["DisplayName"]
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)


def test_uploads_page_by_page(s3: Any, bucket: str) -> None:
    keys = ("a/b/1", "a/c", "a/d")
    ids = {key: s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in keys}

    def ask(**more: Any) -> Any:
        return s3.list_multipart_uploads(Bucket=bucket, Prefix="a/", Delimiter="/", MaxUploads=1, **more)

    page = ask()
    assert (page["IsTruncated"], page["NextKeyMarker"], page["NextUploadIdMarker"]) == (True, "", "")
    for behind in ("a/b/", "a/b/1"):
        page = ask(KeyMarker=behind)
        assert [upload["Key"] for upload in page["Uploads"]] == ["a/c"]
        assert (page["NextKeyMarker"], page["NextUploadIdMarker"]) == ("a/c", ids["a/c"])
    error = refused(ask, KeyMarker="a/c", UploadIdMarker=ids["a/d"])
    assert (error["Message"], error["ArgumentName"]) == ("Invalid uploadId marker", "upload-id-marker")
    s3.abort_multipart_upload(Bucket=bucket, Key="a/c", UploadId=ids["a/c"])
    page = ask(KeyMarker="a/c", UploadIdMarker=ids["a/c"])
    assert [upload["Key"] for upload in page["Uploads"]] == ["a/d"]


def test_buckets_go_on_behind_an_opaque_token(s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket=f"{bucket}-2")
    page = s3.list_buckets(Prefix=bucket, MaxBuckets=1)
    assert page["ContinuationToken"] != bucket
    rest = s3.list_buckets(Prefix=bucket, ContinuationToken=page["ContinuationToken"])
    assert [entry["Name"] for entry in rest["Buckets"]] == [f"{bucket}-2"]
    s3.delete_bucket(Bucket=f"{bucket}-2")


@pytest.mark.parametrize("asked", ["Prefix", "BucketRegion", "MaxBuckets"])
def test_buckets_tell_their_region_to_who_asks_for_some(s3: Any, bucket: str, asked: str) -> None:
    values = {"Prefix": bucket, "BucketRegion": s3.meta.region_name, "MaxBuckets": 10_000}
    listed = {each["Name"]: each for each in s3.list_buckets(**{asked: values[asked]})["Buckets"]}
    assert listed[bucket]["BucketRegion"] == s3.meta.region_name
    everything = {each["Name"]: each for each in s3.list_buckets()["Buckets"]}
    assert "BucketRegion" not in everything[bucket]


def test_buckets_of_a_region_that_there_is_not(s3: Any) -> None:
    with pytest.raises(ClientError) as refused:
        s3.list_buckets(BucketRegion="eu-east-1")
    error = refused.value.response["Error"]
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "bucket-region")
    assert error["Message"] == "Argument value eu-east-1 is not a valid AWS Region"
    assert "ArgumentValue" not in error


def test_moments_have_milliseconds(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": bucket})
    text = urllib.request.urlopen(url, timeout=60).read().decode()
    assert re.search(r"<LastModified>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z</LastModified>", text)
