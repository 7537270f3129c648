"""Errors have the elements that AWS's have, and no others. Values as AWS was recorded to answer."""

from __future__ import annotations

from typing import Any

import pytest
import urllib3

from .conftest import refused

MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


def test_a_bucket_or_key_that_is_not_there(s3: Any, bucket: str) -> None:
    assert refused(s3.get_object, Bucket=f"{bucket}-no", Key="k") == {
        "Code": "NoSuchBucket",
        "Message": "The specified bucket does not exist",
        "BucketName": f"{bucket}-no",
        "Status": 404,
    }
    no_key = {"Code": "NoSuchKey", "Message": "The specified key does not exist.", "Status": 404}
    assert refused(s3.get_object, Bucket=bucket, Key="k") == {**no_key, "Key": "k"}
    assert refused(s3.get_object_tagging, Bucket=bucket, Key="k") == {**no_key, "Key": f"{bucket}/k"}
    assert refused(s3.delete_object_tagging, Bucket=bucket, Key="k") == {**no_key, "Key": "k"}


@pytest.mark.parametrize("owner", ["abcd", "0000", "0000000000020", "aa000000000$"])
def test_an_expected_owner_that_is_no_account(s3: Any, bucket: str, owner: str) -> None:
    text = f"The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]"
    expected = {"Code": "InvalidBucketOwnerAWSAccountID", "Message": text, "Status": 400}
    assert refused(s3.get_bucket_policy, Bucket=bucket, ExpectedBucketOwner=owner) == expected
    assert refused(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner=owner) == expected


def test_an_expected_owner_that_is_another(s3: Any, bucket: str) -> None:
    denied = refused(s3.get_bucket_policy, Bucket=bucket, ExpectedBucketOwner="000000000002")
    assert denied == {"Code": "AccessDenied", "Message": "Access Denied", "Status": 403}


@pytest.mark.parametrize("constraint", ["us-east-1", "foo", "aws-global"])
def test_no_place_for_a_bucket(s3: Any, bucket: str, constraint: str) -> None:
    where = {"LocationConstraint": constraint}
    assert refused(s3.create_bucket, Bucket=f"{bucket}-x", CreateBucketConfiguration=where) == {
        "Code": "InvalidLocationConstraint",
        "Message": "The specified location-constraint is not valid",
        "LocationConstraint": constraint,
        "Status": 400,
    }


@pytest.mark.parametrize("constraint", ["bar", "EU", "us-east-1"])
def test_a_place_of_another_endpoint(client: Any, bucket: str, constraint: str) -> None:
    west, where = client("s3", region="us-west-1"), {"LocationConstraint": constraint}
    assert refused(west.create_bucket, Bucket=f"{bucket}-x", CreateBucketConfiguration=where) == {
        "Code": "IllegalLocationConstraintException",
        "Message": f"The {constraint} location constraint is incompatible for the region specific endpoint "
        "this request was sent to.",
        "Status": 400,
    }


def test_arguments_are_named(s3: Any, bucket: str) -> None:
    assert refused(s3.list_objects_v2, Bucket=bucket, EncodingType="value") == {
        "Code": "InvalidArgument",
        "Message": "Invalid Encoding Method specified in Request",
        "ArgumentName": "encoding-type",
        "ArgumentValue": "value",
        "Status": 400,
    }
    for ownership in ("RandomValue", ""):
        error = refused(s3.create_bucket, Bucket=f"{bucket}-x", ObjectOwnership=ownership)
        assert error["Message"] == f"Invalid x-amz-object-ownership header: {ownership}"
        assert error["ArgumentName"] == "x-amz-object-ownership" and "ArgumentValue" not in error
    error = refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken="")
    assert error["ArgumentName"] == "continuation-token" and not error.get("ArgumentValue")


def test_ranges_of_copies(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="copy")["UploadId"]

    def copied(text: str) -> dict[str, Any]:
        return refused(
            s3.upload_part_copy,
            Bucket=bucket,
            Key="copy",
            UploadId=upload,
            PartNumber=1,
            CopySource=f"{bucket}/source",
            CopySourceRange=text,
        )

    for text in ("0-8", "bytes=1-0", "bytes=-2", "bytes=1-", "bytes=0-1,3-4"):
        assert "must be of the form bytes=first-last" in copied(text)["Message"]
    assert copied("bytes=0-100")["Message"] == "Range specified is not valid for source object of size: 10"
    assert copied("bytes=100-200") == {
        "Code": "InvalidRequest",
        "Message": "The specified copy range is invalid for the source object size",
        "Status": 400,
    }


def test_a_wrong_md5_in_two_notations(s3: Any, bucket: str) -> None:
    import base64
    import hashlib

    other = hashlib.md5(b"something else").digest()
    error = refused(
        s3.put_object, Bucket=bucket, Key="k", Body=b"a", ContentMD5=base64.b64encode(other).decode()
    )
    assert error["Code"] == "BadDigest" and error["ExpectedDigest"] == other.hex()
    assert error["CalculatedDigest"] == base64.b64encode(hashlib.md5(b"a").digest()).decode()


def test_head_bucket_says_xml(s3: Any, bucket: str) -> None:
    headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/xml"


def test_a_kms_key_for_aes(s3: Any, bucket: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "key"}}
    error = refused(
        s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    assert error["Code"] == "InvalidArgument"
    assert error["ArgumentName"] == "ApplyServerSideEncryptionByDefault"
    assert error["Message"].startswith("a KMSMasterKeyID is not applicable if the default sse algorithm")
    for of_kms in ({"SSEKMSKeyId": "key"}, {"SSEKMSEncryptionContext": "e30="}):
        error = refused(s3.put_object, Bucket=bucket, Key="k", ServerSideEncryption="AES256", **of_kms)
        assert (error["Code"], error["ArgumentValue"]) == ("InvalidArgument", "AES256")


def test_what_is_not_built_is_not_accepted(s3: Any, bucket: str) -> None:
    express = refused(s3.list_directory_buckets)
    assert express == {
        "Code": "NotImplemented",
        "Message": "Sagehen does not implement directory buckets.",
        "Status": 501,
    }
    for hold in ({"ObjectLockEventHold": "ON"}, {"ObjectLockEventHoldDurationDays": 1}):
        for call in (s3.put_object, s3.create_multipart_upload):
            assert refused(call, Bucket=bucket, Key="k", **hold)["Status"] == 501


def test_a_completion_that_names_no_parts(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    assert refused(s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload) == {
        "Code": "InvalidRequest",
        "Message": "You must specify at least one part",
        "Status": 400,
    }
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)


@pytest.mark.parametrize(
    ("path", "kind"), [("", "SERVICE"), ("/bucket-of-nobody", "BUCKET"), ("/bucket-of-nobody/k", "OBJECT")]
)
def test_a_method_that_nothing_has(endpoint_url: str, path: str, kind: str) -> None:
    answer = urllib3.request("PATCH", f"{endpoint_url}{path}", retries=False, timeout=60)
    assert answer.status == 405
    assert f"<Method>PATCH</Method><ResourceType>{kind}</ResourceType>" in answer.data.decode()
