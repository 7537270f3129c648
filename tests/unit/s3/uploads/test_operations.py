"""Multipart uploads: completed without copying, checked part by part."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any

import pytest

from sagehen.api.streams import FileSlice, Streamed
from sagehen.services.s3.contents.checksums import Checksum
from sagehen.services.s3.errors.bodies import BadDigest
from sagehen.services.s3.errors.objects import InvalidPartNumber
from sagehen.services.s3.errors.requests import InvalidRequest
from sagehen.services.s3.errors.uploads import EntityTooSmall, InvalidPart, InvalidPartOrder, NoSuchUpload
from tests.unit.s3.conftest import S3, body_bytes

FIVE = 5 * 1024**2
PARTS = (b"a" * FIVE, b"b" * FIVE, b"tail")
WHOLE = b"".join(PARTS)


async def begin(s3: S3, **options: Any) -> dict[str, Any]:
    upload = await s3("CreateMultipartUpload", Bucket="birds", Key="m", **options)
    return {"Bucket": "birds", "Key": "m", "UploadId": upload["UploadId"]}


async def send(s3: S3, where: dict[str, Any], parts: tuple[bytes, ...] = PARTS) -> list[dict[str, Any]]:
    named = []
    for number, data in enumerate(parts, 1):
        answer = await s3("UploadPart", **where, PartNumber=number, Body=data)
        named.append({"PartNumber": number, "ETag": answer["ETag"]})
    return named


async def test_from_parts_to_an_object(s3: S3) -> None:
    where = await begin(s3, Metadata={"m": "1"}, ContentType="text/plain")
    named = await send(s3, where)
    listed = await s3("ListParts", **where, MaxParts=2)
    assert [part["Size"] for part in listed["Parts"]] == [FIVE, FIVE] and listed["IsTruncated"]
    uploads = await s3("ListMultipartUploads", Bucket="birds")
    assert [upload["UploadId"] for upload in uploads["Uploads"]] == [where["UploadId"]]
    done = await s3("CompleteMultipartUpload", **where, MultipartUpload={"Parts": named})
    md5s = b"".join(hashlib.md5(part).digest() for part in PARTS)
    assert done["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-3"'
    checksum = Checksum("CRC64NVME")
    checksum.update(WHOLE)
    assert done["ChecksumCRC64NVME"] == checksum.value() and done["ChecksumType"] == "FULL_OBJECT"
    again = await s3("CompleteMultipartUpload", **where, MultipartUpload={"Parts": named})
    assert again == done  # the answer may have been lost
    got = await s3("GetObject", Bucket="birds", Key="m")
    assert isinstance(got["Body"], Streamed) and got["Body"].length == len(WHOLE)
    assert await body_bytes(got["Body"]) == WHOLE
    assert got["Metadata"] == {"m": "1"} and got["ContentType"] == "text/plain"
    with pytest.raises(NoSuchUpload):
        await s3("ListParts", **where)


async def test_parts_and_ranges_of_the_object(s3: S3) -> None:
    where = await begin(s3)
    await s3("CompleteMultipartUpload", **where, MultipartUpload={"Parts": await send(s3, where)})
    second = await s3.reply("GetObject", Bucket="birds", Key="m", PartNumber=2)
    assert second.status == 206 and second.result["PartsCount"] == 3
    assert isinstance(second.result["Body"], FileSlice)
    assert await body_bytes(second.result["Body"]) == PARTS[1]
    assert await s3.read("birds", "m", PartNumber=3) == b"tail"
    assert await s3.read("birds", "m", Range=f"bytes={2 * FIVE - 2}-{2 * FIVE + 1}") == b"bbta"
    with pytest.raises(InvalidPartNumber):
        await s3("GetObject", Bucket="birds", Key="m", PartNumber=4)
    described = await s3(
        "GetObjectAttributes", Bucket="birds", Key="m", ObjectAttributes=["ObjectParts"], MaxParts=2
    )
    # S3 tells the parts only of objects with a composite checksum.
    assert described["ObjectParts"] == {"TotalPartsCount": 3}


async def test_a_download_outlives_its_object(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.store.blobs._GRACE_S", 0.0)
    where = await begin(s3)
    await s3("CompleteMultipartUpload", **where, MultipartUpload={"Parts": await send(s3, where)})
    body = (await s3("GetObject", Bucket="birds", Key="m"))["Body"]
    await s3("DeleteObject", Bucket="birds", Key="m")
    await asyncio.sleep(0.05)
    assert await body_bytes(body) == WHOLE


async def test_completion_is_checked(s3: S3) -> None:
    where = await begin(s3)
    named = await send(s3, where, (b"small", b"tail"))

    async def complete(parts: list[dict[str, Any]]) -> None:
        await s3("CompleteMultipartUpload", **where, MultipartUpload={"Parts": parts})

    with pytest.raises(EntityTooSmall) as caught:
        await complete(named)
    assert caught.value.members["ProposedSize"] == "5"
    with pytest.raises(InvalidPartOrder):
        await complete(named[::-1])
    with pytest.raises(InvalidPart):
        await complete([{"PartNumber": 1, "ETag": '"0"'}])
    with pytest.raises(InvalidPart):
        await complete([*named[:1], {"PartNumber": 9, "ETag": "x"}])
    # It asked for no checksum, but what is claimed has to be so.
    with pytest.raises(InvalidPart):
        await complete([named[1] | {"ChecksumCRC64NVME": "AAAAAAAAAAA="}])
    for algorithm in ("CRC32", "XXHASH64"):
        with pytest.raises(BadDigest, match="specified for part 2 did not match"):
            await complete([named[1] | {f"Checksum{algorithm}": "AAAAAA=="}])
    whole = {**where, "MultipartUpload": {"Parts": named[1:]}}
    with pytest.raises(BadDigest):
        await s3("CompleteMultipartUpload", **whole, ChecksumSHA512="AAAA")
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": base64.b64encode(bytes(32)).decode()}
    key["SSECustomerKeyMD5"] = base64.b64encode(hashlib.md5(bytes(32)).digest()).decode()
    with pytest.raises(InvalidRequest, match="did not request encryption"):
        await s3("CompleteMultipartUpload", **whole, **key)
    await complete(named[1:])
    assert await s3.read("birds", "m") == b"tail"


async def test_composite_checksums(s3: S3) -> None:
    where = await begin(s3, ChecksumAlgorithm="SHA256")
    with pytest.raises(InvalidRequest, match="expected checksum Type: sha256, actual checksum Type: null"):
        await s3("UploadPart", **where, PartNumber=1, Body=b"x")
    hashed = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    part = await s3("UploadPart", **where, PartNumber=1, Body=b"x", ChecksumSHA256=hashed)
    assert part["ChecksumSHA256"] == hashed
    with pytest.raises(InvalidRequest, match="missing for part 1"):
        await s3(
            "CompleteMultipartUpload",
            **where,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )
    named = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
    done = await s3("CompleteMultipartUpload", **where, MultipartUpload={"Parts": [named]})
    assert done["ChecksumSHA256"].endswith("-1") and done["ChecksumType"] == "COMPOSITE"
    described = await s3("GetObjectAttributes", Bucket="birds", Key="m", ObjectAttributes=["ObjectParts"])
    assert described["ObjectParts"]["Parts"] == [
        {"PartNumber": 1, "Size": 1, "ChecksumSHA256": part["ChecksumSHA256"]}
    ]
    assert described["ObjectParts"]["IsTruncated"] is False


async def test_parts_copied_from_an_object(s3: S3) -> None:
    await s3("PutObject", Bucket="birds", Key="source", Body=PARTS[0])
    where = await begin(s3)
    copied = await s3(
        "UploadPartCopy", **where, PartNumber=1, CopySource="birds/source", CopySourceRange="bytes=2-11"
    )
    assert copied["CopyPartResult"]["ETag"] == f'"{hashlib.md5(b"a" * 10).hexdigest()}"'
    named = [{"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]}]
    await s3("CompleteMultipartUpload", **where, MultipartUpload={"Parts": named})
    assert await s3.read("birds", "m") == b"a" * 10
    copy = await s3("CopyObject", Bucket="birds", Key="n", CopySource="birds/m")
    assert copy["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"a" * 10).hexdigest()}"'


async def test_an_aborted_upload_leaves_no_file(s3: S3, tmp_path: Any) -> None:
    where = await begin(s3)
    await send(s3, where)
    await s3("AbortMultipartUpload", **where)
    with pytest.raises(NoSuchUpload):
        await s3("UploadPart", **where, PartNumber=1, Body=b"x")
    await s3.service.stop()
    assert [entry.name for entry in (tmp_path / "objects").iterdir() if entry.is_file()] == []
