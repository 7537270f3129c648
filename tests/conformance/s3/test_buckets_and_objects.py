"""S3 through boto3 alone."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import urllib.error
import urllib.request
import uuid
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

FIVE = 5 * 1024**2


@pytest.fixture(scope="module")
def s3(client: Any) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    yield name
    while versions := s3.list_object_versions(Bucket=name, MaxKeys=1000):
        entries = [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]
        if not entries:
            break
        named = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        s3.delete_objects(Bucket=name, Delete={"Objects": named})
    s3.delete_bucket(Bucket=name)


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_bucket_lives_and_dies(s3: Any, client: Any, bucket: str) -> None:
    assert bucket in [listed["Name"] for listed in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert refusal(s3.create_bucket, Bucket="No_Name_Of_A_Bucket") == ("InvalidBucketName", 400)
    europe = client("s3", region="eu-west-1")
    name = f"{bucket}-eu"
    assert refusal(europe.create_bucket, Bucket=name) == ("IllegalLocationConstraintException", 400)
    constraint = {"LocationConstraint": "eu-west-1"}
    europe.create_bucket(Bucket=name, CreateBucketConfiguration=constraint)
    assert europe.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    assert refusal(europe.create_bucket, Bucket=name, CreateBucketConfiguration=constraint) == (
        "BucketAlreadyOwnedByYou",
        409,
    )
    other = client("s3", account="210987654321")
    assert refusal(other.create_bucket, Bucket=bucket) == ("BucketAlreadyExists", 409)
    assert refusal(other.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)
    assert bucket not in [listed["Name"] for listed in other.list_buckets()["Buckets"]]
    europe.delete_bucket(Bucket=name)
    assert refusal(europe.head_bucket, Bucket=name) == ("404", 404)
    assert refusal(europe.list_objects_v2, Bucket=name) == ("NoSuchBucket", 404)


@pytest.mark.parametrize("size", [0, 10_000, 300_000])
def test_an_object_comes_back_as_it_went(s3: Any, bucket: str, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    key = "a folder/größe+ %41&?.bin"
    put = s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=data,
        ContentType="image/png",
        CacheControl="max-age=1",
        ContentDisposition="attachment",
        ContentLanguage="de",
        Expires=datetime(2030, 1, 1, tzinfo=UTC),
        Metadata={"colour": "grey"},
        StorageClass="STANDARD_IA",
    )
    assert put["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    assert put["ChecksumCRC32"] == base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == data
    assert (got["ContentType"], got["CacheControl"]) == ("image/png", "max-age=1")
    assert (got["ContentDisposition"], got["ContentLanguage"]) == ("attachment", "de")
    assert got["Expires"] == datetime(2030, 1, 1, tzinfo=UTC)
    assert (got["Metadata"], got["StorageClass"]) == ({"colour": "grey"}, "STANDARD_IA")
    assert got["ContentLength"] == size and got["AcceptRanges"] == "bytes"
    assert got["ChecksumCRC32"] == put["ChecksumCRC32"]
    head = s3.head_object(Bucket=bucket, Key=key)
    assert head["ContentLength"] == size and head["ETag"] == put["ETag"]
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [(entry["Key"], entry["Size"]) for entry in listed] == [(key, size)]


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
@pytest.mark.parametrize("size", [100, 200_000])
def test_checksums_in_trailers(s3: Any, bucket: str, algorithm: str, size: int) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=io.BytesIO(b"x" * size), ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert got["Body"].read() == b"x" * size
    described = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ObjectSize"])
    assert described["Checksum"][f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert described["ObjectSize"] == size


def test_refused_uploads(s3: Any, bucket: str) -> None:
    assert refusal(
        s3.put_object, Bucket=bucket, Key="k", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="
    ) == (
        "BadDigest",
        400,
    )
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ChecksumCRC32="AAAAAA==") == (
        "BadDigest",
        400,
    )
    assert refusal(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"x") == ("KeyTooLongError", 400)
    metadata = {"a": "x" * 2048}
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Metadata=metadata) == ("MetadataTooLarge", 400)
    assert refusal(s3.put_object, Bucket=bucket, Key="k", ACL="public-read") == (
        "AccessControlListNotSupported",
        400,
    )
    assert refusal(s3.head_object, Bucket=bucket, Key="k") == ("404", 404)
    with pytest.raises(ClientError, match=r"The specified key does not exist\.") as caught:
        s3.get_object(Bucket=bucket, Key="k")
    assert caught.value.response["Error"]["Key"] == "k"


def test_ranges(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    for header, expected, shown in [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
    ]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=header)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert (got["Body"].read(), got["ContentRange"]) == (expected, shown)
    assert refusal(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == ("InvalidRange", 416)
    named = s3.get_object(
        Bucket=bucket,
        Key="k",
        ResponseContentType="text/x-bird",
        ResponseExpires=datetime(2030, 1, 1, tzinfo=UTC),
    )
    assert named["Expires"] == datetime(2030, 1, 1, tzinfo=UTC)
    assert (named["Body"].read(), named["ContentType"]) == (b"0123456789", "text/x-bird")
    for kind in ("a\x01b", "a\r\nb", "\u2026"):
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket=bucket, Key="k", ResponseContentType=kind)
        error = caught.value.response["Error"]
        assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "response-content-type")
        assert error["Message"] == "Header value cannot be represented using ISO-8859-1."


def test_conditions(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    assert refusal(s3.put_object, Bucket=bucket, Key="k", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert refusal(s3.put_object, Bucket=bucket, Key="k", IfMatch='"0"') == ("PreconditionFailed", 412)
    assert refusal(s3.put_object, Bucket=bucket, Key="none", IfMatch=etag) == ("NoSuchKey", 404)
    assert refusal(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag) == ("304", 304)
    assert refusal(s3.get_object, Bucket=bucket, Key="k", IfMatch='"0"') == ("PreconditionFailed", 412)
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert refusal(s3.head_object, Bucket=bucket, Key="k", IfModifiedSince=modified) == ("304", 304)
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"1"


def test_listings(s3: Any, bucket: str) -> None:
    for key in ("a", "b/1", "b/2", "c d", "e/1"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for name in ("list_objects", "list_objects_v2"):
        pages = list(
            s3.get_paginator(name).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1})
        )
        assert len(pages) == 4
        assert [entry["Key"] for page in pages for entry in page.get("Contents", [])] == ["a", "c d"]
        folded = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
        assert folded == ["b/", "e/"]
    after = s3.list_objects_v2(Bucket=bucket, StartAfter="b/1", FetchOwner=True)
    assert [entry["Key"] for entry in after["Contents"]] == ["b/2", "c d", "e/1"]
    assert len(after["Contents"][0]["Owner"]["ID"]) == 64
    assert s3.list_objects_v2(Bucket=bucket, Prefix="none")["KeyCount"] == 0


def test_versions(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    two = s3.put_object(Bucket=bucket, Key="k", Body=b"two")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    assert refusal(s3.get_object, Bucket=bucket, Key="k") == ("NoSuchKey", 404)
    assert refusal(s3.get_object, Bucket=bucket, Key="k", VersionId=marker["VersionId"]) == (
        "MethodNotAllowed",
        405,
    )
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=one)["Body"].read() == b"one"
    listed = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in listed["Versions"]] == [two, one]
    assert listed["DeleteMarkers"][0]["IsLatest"] is True
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == two


def test_multipart(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="m", ChecksumAlgorithm="CRC32", ContentType="text/x"
    )
    where = {"Bucket": bucket, "Key": "m", "UploadId": upload["UploadId"]}
    parts = []
    for number, data in enumerate((b"a" * FIVE, b"tail"), 1):
        answer = s3.upload_part(**where, PartNumber=number, Body=data, ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": answer["ChecksumCRC32"]})
    assert [part["Size"] for part in s3.list_parts(**where)["Parts"]] == [FIVE, 4]
    assert s3.list_multipart_uploads(Bucket=bucket)["Uploads"][0]["UploadId"] == upload["UploadId"]
    assert refusal(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": parts[::-1]}) == (
        "InvalidPartOrder",
        400,
    )
    done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert done["ETag"].endswith('-2"') and done["ChecksumType"] == "COMPOSITE"
    assert done["ChecksumCRC32"].endswith("-2")
    got = s3.get_object(Bucket=bucket, Key="m")
    assert got["Body"].read() == b"a" * FIVE + b"tail" and got["ContentType"] == "text/x"
    part = s3.get_object(Bucket=bucket, Key="m", PartNumber=2)
    assert part["Body"].read() == b"tail" and part["PartsCount"] == 2
    assert refusal(s3.list_parts, **where) == ("NoSuchUpload", 404)


def test_the_transfer_of_boto3(s3: Any, bucket: str) -> None:
    data = bytes(range(256)) * 80_000  # 20 MB: three parts of 8 MiB at most
    s3.upload_fileobj(io.BytesIO(data), bucket, "big")
    sink = io.BytesIO()
    s3.download_fileobj(bucket, "big", sink)
    assert sink.getvalue() == data
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copied")
    assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == data
    s3.copy_object(Bucket=bucket, Key="whole", CopySource={"Bucket": bucket, "Key": "big"})
    assert s3.head_object(Bucket=bucket, Key="whole")["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'


def test_batch_deletion(s3: Any, bucket: str) -> None:
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=key)
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "none"}]})
    assert sorted(entry["Key"] for entry in done["Deleted"]) == ["a", "none"]
    assert "Deleted" not in s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "b"}], "Quiet": True}
    )
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["c"]


def test_tags_and_configurations(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Tagging="a=1&b=x%20y")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "x y"},
    ]
    tags = {"TagSet": [{"Key": "c", "Value": "2"}]}
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags)
    assert s3.head_object(Bucket=bucket, Key="k")["TagCount"] == 1
    s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags["TagSet"]
    s3.delete_bucket_tagging(Bucket=bucket)
    assert refusal(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.example"], "MaxAgeSeconds": 60}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    grants = s3.get_bucket_acl(Bucket=bucket)["Grants"]
    assert grants[0]["Permission"] == "FULL_CONTROL" and grants[0]["Grantee"]["Type"] == "CanonicalUser"
    owned = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert refusal(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == (
        "NoSuchLifecycleConfiguration",
        404,
    )
    faster = {"AccelerateConfiguration": {"Status": "Enabled"}}
    assert refusal(s3.put_bucket_accelerate_configuration, Bucket=bucket, **faster) == (
        "NotImplemented",
        501,
    )


def test_a_public_policy(s3: Any, client: Any, bucket: str) -> None:
    nobody = client("s3", config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}))
    s3.put_object(Bucket=bucket, Key="k", Body=b"for all")
    assert refusal(nobody.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refusal(s3.put_bucket_policy, Bucket=bucket, Policy=policy) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(policy)
    assert nobody.get_object(Bucket=bucket, Key="k")["Body"].read() == b"for all"
    assert refusal(nobody.get_object, Bucket=bucket, Key="none") == ("AccessDenied", 403)
    assert refusal(nobody.put_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    other = client("s3", account="210987654321")
    assert other.get_object(Bucket=bucket, Key="k")["Body"].read() == b"for all"


def test_presigned_urls_and_posts(s3: Any, client: Any, bucket: str) -> None:
    v4 = client("s3", config=Config(signature_version="s3v4"))
    for signer in (s3, v4):
        target = {"Bucket": bucket, "Key": "p q"}
        request = urllib.request.Request(
            signer.generate_presigned_url("put_object", Params=target), data=b"body", method="PUT"
        )
        request.add_header("Content-Type", "")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(signer.generate_presigned_url("get_object", Params=target)) as answer:
            assert answer.read() == b"body"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(s3.generate_presigned_url("get_object", Params=target) + "x")
    assert caught.value.code == 403
    caught.value.close()
    post = s3.generate_presigned_post(bucket, "posted")
    boundary = "xx"
    fields = {**post["fields"], "file": "contents"}
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        + ('; filename="f"' if name == "file" else "")
        + f"\r\n\r\n{value}\r\n"
        for name, value in fields.items()
    )
    form = urllib.request.Request(post["url"], data=(body + f"--{boundary}--\r\n").encode(), method="POST")
    form.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    with urllib.request.urlopen(form) as answer:
        assert answer.status == 204
    assert s3.get_object(Bucket=bucket, Key="posted")["Body"].read() == b"contents"


def test_the_expected_owner(s3: Any, bucket: str) -> None:
    assert s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="123456789012")
    assert refusal(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner="210987654321") == (
        "AccessDenied",
        403,
    )


@pytest.fixture
def reader(client: Any, bucket: str) -> Iterator[Any]:
    """A user who may read objects, list under `open/` and delete there; nothing else."""
    iam, name = client("iam"), f"reader-{uuid.uuid4()}"
    arn = f"arn:aws:s3:::{bucket}"
    prefix = {"StringLike": {"s3:prefix": "open/*"}}
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{arn}/*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn, "Condition": prefix},
        {"Effect": "Allow", "Action": ["s3:DeleteObject", "s3:PutObject"], "Resource": f"{arn}/open/*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield client("s3", credentials=key)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="read")
    iam.delete_user(UserName=name)


def test_the_rights_of_a_user(s3: Any, reader: Any, bucket: str) -> None:
    for key in ("open/a", "closed/a"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert reader.get_object(Bucket=bucket, Key="closed/a")["Body"].read() == b"x"
    assert refusal(reader.get_object, Bucket=bucket, Key="none") == ("AccessDenied", 403)
    assert refusal(reader.list_objects_v2, Bucket=bucket) == ("AccessDenied", 403)
    assert reader.list_objects_v2(Bucket=bucket, Prefix="open/x")["KeyCount"] == 0
    assert refusal(reader.put_object, Bucket=bucket, Key="open/b", Tagging="a=1") == ("AccessDenied", 403)
    assert refusal(reader.copy_object, Bucket=bucket, Key="closed/b", CopySource=f"{bucket}/open/a") == (
        "AccessDenied",
        403,
    )
    reader.copy_object(Bucket=bucket, Key="open/b", CopySource=f"{bucket}/closed/a")
    keys = [{"Key": key} for key in ("open/a", "closed/a")]
    done = reader.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert [entry["Key"] for entry in done["Deleted"]] == ["open/a"]
    assert [(entry["Key"], entry["Code"]) for entry in done["Errors"]] == [("closed/a", "AccessDenied")]
    assert "s3:DeleteObject" in done["Errors"][0]["Message"]


def test_a_precondition_that_is_not_looked_at_deletes_nothing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="kept", Body=b"1")
    with pytest.raises(ClientError) as error:
        s3.delete_object(Bucket=bucket, Key="kept", IfMatchSize=5)
    assert error.value.response["Error"]["Code"] == "NotImplemented"
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "kept", "Size": 5}]})
    assert [each["Code"] for each in answer["Errors"]] == ["NotImplemented"]
    assert s3.head_object(Bucket=bucket, Key="kept")["ContentLength"] == 1
