"""Objects: bytes in and out, conditions, versions, copies, deletions."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import zlib
from pathlib import Path

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.api.streams import FileSlice
from sagehen.domain.access import AccessDenied
from sagehen.services.s3.errors.acls import AccessControlListNotSupported
from sagehen.services.s3.errors.bodies import BadDigest, IncompleteBody
from sagehen.services.s3.errors.buckets import NoSuchBucket
from sagehen.services.s3.errors.objects import (
    InvalidRange,
    KeyTooLongError,
    MetadataTooLarge,
    NoSuchKey,
    NoSuchVersion,
    PreconditionFailed,
)
from sagehen.services.s3.errors.requests import InvalidArgument, MethodNotAllowed
from tests.unit.s3.conftest import S3, Chunks, body_bytes

LARGE = bytes(range(256)) * 1024  # 256 KiB: a file


def blobs(folder: Path) -> list[str]:
    return [entry.name for entry in (folder / "objects").iterdir() if entry.is_file()]


@pytest.mark.parametrize("data", [b"", b"small", LARGE])
async def test_what_is_put_is_got(s3: S3, tmp_path: Path, data: bytes) -> None:
    answer = await s3(
        "PutObject",
        Bucket="birds",
        Key="a/b",
        Body=Chunks(data[:1000], data[1000:], length=len(data)),
        Metadata={"Colour": "grey"},
        ContentType="image/jpeg",
        ContentEncoding="aws-chunked,gzip",
    )
    assert answer["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    assert answer["ChecksumType"] == "FULL_OBJECT" and answer["ChecksumCRC64NVME"]
    assert answer["ServerSideEncryption"] == "AES256"
    assert "VersionId" not in answer
    assert len(blobs(tmp_path)) == (1 if data is LARGE else 0)
    got = await s3.reply("GetObject", Bucket="birds", Key="a/b", ChecksumMode="ENABLED")
    assert got.status == 200
    assert await body_bytes(got.result["Body"]) == data
    assert got.result["Metadata"] == {"colour": "grey"}
    assert got.result["ContentType"] == "image/jpeg"
    assert got.result["ContentEncoding"] == "gzip"
    assert got.result["ContentLength"] == len(data)
    assert got.result["ChecksumCRC64NVME"] == answer["ChecksumCRC64NVME"]
    assert "StorageClass" not in got.result
    head = await s3("HeadObject", Bucket="birds", Key="a/b")
    assert "Body" not in head and head["ContentLength"] == len(data)


async def test_ranges_of_files_are_slices(s3: S3) -> None:
    await s3("PutObject", Bucket="birds", Key="k", Body=LARGE)
    reply = await s3.reply("GetObject", Bucket="birds", Key="k", Range="bytes=1000-1999")
    assert reply.status == 206
    assert reply.result["ContentRange"] == f"bytes 1000-1999/{len(LARGE)}"
    assert isinstance(reply.result["Body"], FileSlice)
    assert await body_bytes(reply.result["Body"]) == LARGE[1000:2000]
    assert await s3.read("birds", "k", Range="bytes=-5") == LARGE[-5:]
    with pytest.raises(InvalidRange):
        await s3("GetObject", Bucket="birds", Key="k", Range=f"bytes={len(LARGE)}-")


async def test_a_wrong_digest_leaves_nothing(s3: S3, tmp_path: Path) -> None:
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    for body in (b"small", LARGE):
        with pytest.raises(BadDigest, match="Content-MD5"):
            await s3("PutObject", Bucket="birds", Key="k", Body=body, ContentMD5=wrong)
        trailers = {"x-amz-checksum-crc32": base64.b64encode(b"1234").decode()}
        with pytest.raises(BadDigest, match="CRC32"):
            await s3(
                "PutObject",
                Bucket="birds",
                Key="k",
                Body=Chunks(body, trailers=trailers),
                headers={"x-amz-trailer": "x-amz-checksum-crc32"},
            )
        with pytest.raises(IncompleteBody):
            await s3("PutObject", Bucket="birds", Key="k", Body=Chunks(body, length=len(body) + 1))
    await s3.service.stop()
    assert blobs(tmp_path) == []
    with pytest.raises(NoSuchKey):
        await s3("GetObject", Bucket="birds", Key="k")


async def test_the_checksum_that_the_client_chose_is_kept(s3: S3) -> None:
    value = base64.b64encode(zlib.crc32(b"grey").to_bytes(4, "big")).decode()
    trailers = {"x-amz-checksum-crc32": value}
    headers = {"x-amz-trailer": "x-amz-checksum-crc32"}
    answer = await s3(
        "PutObject", Bucket="birds", Key="k", Body=Chunks(b"grey", trailers=trailers), headers=headers
    )
    assert answer["ChecksumCRC32"] == value and "ChecksumCRC64NVME" not in answer
    described = await s3(
        "GetObjectAttributes", Bucket="birds", Key="k", ObjectAttributes=["Checksum", "ObjectSize", "ETag"]
    )
    assert described["Checksum"] == {"ChecksumCRC32": value, "ChecksumType": "FULL_OBJECT"}
    assert described["ObjectSize"] == 4 and '"' not in described["ETag"]


async def test_conditional_reads_and_writes(s3: S3) -> None:
    first = await s3("PutObject", Bucket="birds", Key="k", Body=b"1", IfNoneMatch="*")
    with pytest.raises(PreconditionFailed):
        await s3("PutObject", Bucket="birds", Key="k", Body=b"2", IfNoneMatch="*")
    await s3("PutObject", Bucket="birds", Key="k", Body=LARGE, IfMatch=first["ETag"])
    with pytest.raises(PreconditionFailed):
        await s3("PutObject", Bucket="birds", Key="k", Body=b"3", IfMatch=first["ETag"])
    head = await s3("HeadObject", Bucket="birds", Key="k")
    reply = await s3.reply("GetObject", Bucket="birds", Key="k", IfNoneMatch=head["ETag"])
    assert reply.status == 304 and "Body" not in reply.result


async def test_one_of_many_creators_wins(s3: S3) -> None:
    writes = [s3("PutObject", Bucket="birds", Key="k", Body=bytes([n]), IfNoneMatch="*") for n in range(20)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert sum(isinstance(outcome, PreconditionFailed) for outcome in outcomes) == 19
    won = next(outcome for outcome in outcomes if isinstance(outcome, dict))
    assert (await s3("HeadObject", Bucket="birds", Key="k"))["ETag"] == won["ETag"]


@pytest.mark.parametrize(
    ("request_members", "error"),
    [
        ({"Key": "k" * 1025}, KeyTooLongError),
        ({"Key": "k", "Metadata": {"a": "x" * 2048}}, MetadataTooLarge),
        ({"Key": "k", "ACL": "public-read"}, AccessControlListNotSupported),
        ({"Key": "k", "SSECustomerAlgorithm": "AES256"}, InvalidArgument),
        ({"Key": "k", "ServerSideEncryption": "aws:fsx"}, NotImplementedOperation),
        ({"Key": "k", "ObjectLockEventHold": "ON"}, NotImplementedOperation),
        ({"Key": "k", "Tagging": "a=1&a=2"}, InvalidArgument),
        ({"Key": "k", "Bucket": "fish"}, NoSuchBucket),
    ],
)
async def test_refused_uploads(s3: S3, request_members: dict[str, str], error: type[ServiceError]) -> None:
    with pytest.raises(error):
        await s3("PutObject", **{"Bucket": "birds", "Body": b"", **request_members})


async def test_a_missing_key_is_hidden_from_who_may_not_list(s3: S3) -> None:
    s3.rights.refused.add(("s3:ListBucket", "arn:aws:s3:::birds"))
    with pytest.raises(AccessDenied):
        await s3("GetObject", Bucket="birds", Key="none")


async def test_versions(s3: S3) -> None:
    await s3("PutObject", Bucket="birds", Key="k", Body=b"before")
    await s3("PutBucketVersioning", Bucket="birds", VersioningConfiguration={"Status": "Enabled"})
    one = (await s3("PutObject", Bucket="birds", Key="k", Body=b"one"))["VersionId"]
    assert len(one) == 32
    deleted = await s3("DeleteObject", Bucket="birds", Key="k")
    assert deleted["DeleteMarker"] is True
    with pytest.raises(NoSuchKey) as caught:
        await s3("GetObject", Bucket="birds", Key="k")
    assert caught.value.headers["x-amz-delete-marker"] == "true"
    with pytest.raises(MethodNotAllowed):
        await s3("GetObject", Bucket="birds", Key="k", VersionId=deleted["VersionId"])
    assert await s3.read("birds", "k", VersionId=one) == b"one"
    assert await s3.read("birds", "k", VersionId="null") == b"before"
    listed = await s3("ListObjectVersions", Bucket="birds")
    assert [entry["VersionId"] for entry in listed["Versions"]] == [one, "null"]
    assert listed["DeleteMarkers"][0]["IsLatest"] is True
    assert (await s3("ListObjectsV2", Bucket="birds"))["KeyCount"] == 0
    undone = await s3("DeleteObject", Bucket="birds", Key="k", VersionId=deleted["VersionId"])
    assert undone["DeleteMarker"] is True
    assert await s3.read("birds", "k") == b"one"
    await s3("PutBucketVersioning", Bucket="birds", VersioningConfiguration={"Status": "Suspended"})
    # A write that makes the null version does not name it; a read does.
    assert "VersionId" not in await s3("PutObject", Bucket="birds", Key="k", Body=b"null again")
    assert (await s3("GetObject", Bucket="birds", Key="k"))["VersionId"] == "null"
    listed = await s3("ListObjectVersions", Bucket="birds", MaxKeys=1)
    assert [entry["VersionId"] for entry in listed["Versions"]] == ["null"]
    rest = await s3(
        "ListObjectVersions",
        Bucket="birds",
        KeyMarker=listed["NextKeyMarker"],
        VersionIdMarker=listed["NextVersionIdMarker"],
    )
    assert [entry["VersionId"] for entry in rest["Versions"]] == [one]
    with pytest.raises(NoSuchVersion):
        await s3("GetObject", Bucket="birds", Key="k", VersionId="0" * 32)
    with pytest.raises(InvalidArgument):
        await s3("GetObject", Bucket="birds", Key="k", VersionId="x")


@pytest.mark.parametrize("data", [b"small", LARGE])
async def test_a_copy_outlives_its_source(s3: S3, data: bytes) -> None:
    await s3("PutObject", Bucket="birds", Key="a b", Body=data, Metadata={"m": "1"}, Tagging="t=1")
    copied = await s3("CopyObject", Bucket="birds", Key="c", CopySource="birds/a%20b")
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    await s3("DeleteObject", Bucket="birds", Key="a b")
    await s3.service.stop()
    assert await s3.read("birds", "c") == data
    head = await s3("HeadObject", Bucket="birds", Key="c")
    assert head["Metadata"] == {"m": "1"} and head["TagCount"] == 1
    with pytest.raises(ServiceError, match="copy an object to itself"):
        await s3("CopyObject", Bucket="birds", Key="c", CopySource="birds/c")
    await s3(
        "CopyObject", Bucket="birds", Key="c", CopySource="birds/c", MetadataDirective="REPLACE", Metadata={}
    )
    assert (await s3("HeadObject", Bucket="birds", Key="c"))["Metadata"] == {}


async def test_batch_deletion_asks_for_each_key(s3: S3) -> None:
    for key in ("a", "b", "c"):
        await s3("PutObject", Bucket="birds", Key=key, Body=b"")
    s3.rights.refused.add(("s3:DeleteObject", "arn:aws:s3:::birds/b"))
    entries = [{"Key": key} for key in ("a", "b", "none")]
    answer = await s3("DeleteObjects", Bucket="birds", Delete={"Objects": entries})
    assert answer["Deleted"] == [{"Key": "a"}, {"Key": "none"}]
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("b", "AccessDenied")]
    quiet = await s3("DeleteObjects", Bucket="birds", Delete={"Objects": [{"Key": "c"}], "Quiet": True})
    assert quiet == {}
    listed = await s3("ListObjectsV2", Bucket="birds")
    assert [entry["Key"] for entry in listed["Contents"]] == ["b"]


async def test_access_rules(s3: S3) -> None:
    def asked(name: str, **request: object) -> list[str]:
        rule = s3.operations[name].accesses(s3.context(name), {"Bucket": "birds", **request})
        return [f"{access.action} {access.resource.removeprefix('arn:aws:s3:::')}" for access in rule]

    assert asked("HeadObject", Key="k") == ["s3:GetObject birds/k"]
    assert asked("GetObject", Key="k", VersionId="null") == ["s3:GetObjectVersion birds/k"]
    assert asked("GetObjectTagging", Key="k", VersionId="null") == ["s3:GetObjectVersionTagging birds/k"]
    assert asked("DeleteObject", Key="k", VersionId="null") == ["s3:DeleteObjectVersion birds/k"]
    assert asked("PutObject", Key="k", Tagging="a=1") == [
        "s3:PutObject birds/k",
        "s3:PutObjectTagging birds/k",
    ]
    assert asked("CopyObject", Key="k", CopySource="birds/s") == [
        "s3:GetObject birds/s",
        "s3:PutObject birds/k",
    ]
    assert asked("ListObjectsV2", Prefix="a") == ["s3:ListBucket birds"]
    assert asked("UploadPart", Key="k") == ["s3:PutObject birds/k"]
    with pytest.raises(NoSuchBucket):
        s3.operations["GetObject"].accesses(s3.context("GetObject"), {"Bucket": "fish", "Key": "k"})
    with pytest.raises(ServiceError, match="Access Denied"):
        asked("GetObject", Key="k", ExpectedBucketOwner="222222222222")
