"""What lies on the disk, and who reads it."""

from __future__ import annotations

import base64
import hashlib
import os
import random
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied as Refused
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.s3.contents.ciphers import ContentCipher, new_iv
from sagehen.services.s3.encryption.customer_keys import customer_key
from sagehen.services.s3.website.serving import WebsiteRequest, WebsiteResponse
from tests.unit.s3.conftest import OWNER, S3, Chunks

ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{OWNER}:root", OWNER)
ARN = f"arn:aws:kms:us-east-1:{OWNER}:key/1"
LARGE = random.Random(7).randbytes(300_001)
SMALL = b"a small owl sits on a large branch"


def key_headers(secret: bytes, prefix: str = "") -> dict[str, str]:
    return {
        f"{prefix}SSECustomerAlgorithm": "AES256",
        f"{prefix}SSECustomerKey": base64.b64encode(secret).decode(),
        f"{prefix}SSECustomerKeyMD5": base64.b64encode(hashlib.md5(secret).digest()).decode(),
    }


MINE, OTHER = key_headers(b"m" * 32), key_headers(b"o" * 32)
KMS = {"ServerSideEncryption": "aws:kms"}
METHODS = [MINE, KMS, {"ServerSideEncryption": "aws:kms:dsse"}]


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("layers", [1, 2])
def test_any_range_is_turned_as_the_whole_is(layers: int) -> None:
    cipher = ContentCipher(tuple(os.urandom(32) for _ in range(layers)))
    iv = b"\xff" * 16  # the counter runs over
    whole = cipher.turner(iv)(LARGE[:1000])
    assert whole != LARGE[:1000] and cipher.turner(iv)(whole) == LARGE[:1000]
    for start in (0, 1, 15, 16, 17, 999):
        assert cipher.turner(iv, start)(whole[start:]) == LARGE[start:1000]
    turn = cipher.turner(iv)
    assert b"".join(turn(LARGE[at : at + 7]) for at in range(0, 1000, 7))[:1000] == whole
    assert new_iv() != new_iv()


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        ({**MINE, "SSECustomerAlgorithm": None}, "InvalidArgument", "a valid encryption algorithm."),
        ({**MINE, "SSECustomerKey": None}, "InvalidArgument", "an appropriate secret key."),
        ({**MINE, "SSECustomerKeyMD5": None}, "InvalidArgument", "calculated MD5 of the secret key."),
        ({**MINE, "SSECustomerAlgorithm": "AES128"}, "InvalidEncryptionAlgorithmError", "AES256."),
        (key_headers(b"short"), "InvalidArgument", "invalid for the specified algorithm."),
        ({**MINE, "SSECustomerKey": "no base64"}, "InvalidArgument", "for the specified algorithm."),
        ({**MINE, "SSECustomerKeyMD5": OTHER["SSECustomerKeyMD5"]}, "InvalidArgument", "was provided."),
        ({**MINE, "ServerSideEncryption": "AES256"}, "InvalidArgument", "method specified"),
    ],
)
def test_customer_keys_that_are_none(headers: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ServiceError) as refused:
        customer_key(headers)
    assert refused.value.code == code and refused.value.message.endswith(message)
    assert refused.value.members["ArgumentName"] == "x-amz-server-side-encryption"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("data", [SMALL, LARGE, b""])
async def test_nothing_of_it_lies_on_the_disk(
    s3: S3, tmp_path: Path, method: dict[str, str], data: bytes
) -> None:
    body = Chunks(data[:1000], data[1000:], length=len(data))
    put = await s3("PutObject", Bucket="birds", Key="k", Body=body, **method)
    assert put["ETag"] != f'"{hashlib.md5(data).hexdigest()}"'
    key = MINE if method is MINE else {}
    assert await s3.read("birds", "k", **key) == data
    if len(data) > 100:
        assert await s3.read("birds", "k", Range="bytes=70001-70040", **key) == data[70001:70041]
    if data:
        await s3("PutObject", Bucket="birds", Key="plain", Body=b"lies here as it is")
        disk = everything_on_disk(tmp_path)
        assert b"lies here as it is" in disk and data[:30] not in disk and b"m" * 32 not in disk


async def test_a_customers_key_is_asked_for(s3: S3) -> None:
    put = await s3("PutObject", Bucket="birds", Key="k", Body=SMALL, **MINE)
    assert put["SSECustomerKeyMD5"] == MINE["SSECustomerKeyMD5"] and "ServerSideEncryption" not in put
    for name, more in (("GetObject", {}), ("HeadObject", {}), ("GetObjectAttributes", {})):
        for headers, status, code in (({}, 400, "InvalidRequest"), (OTHER, 403, "AccessDenied")):
            with pytest.raises(ServiceError) as refused:
                await s3(name, Bucket="birds", Key="k", **headers, **more)
            assert (refused.value.code, refused.value.status) == (code, status)
    head = await s3("HeadObject", Bucket="birds", Key="k", **MINE)
    assert head["SSECustomerAlgorithm"] == "AES256" and head["ContentLength"] == len(SMALL)
    await s3("PutObject", Bucket="birds", Key="plain", Body=SMALL)
    with pytest.raises(ServiceError, match="not applicable to this object"):
        await s3("GetObject", Bucket="birds", Key="plain", **MINE)


@pytest.mark.parametrize("data", [SMALL, LARGE])
async def test_copies_from_and_to_every_method(s3: S3, data: bytes) -> None:
    methods: list[dict[str, str]] = [{}, *METHODS]
    for source in methods:
        await s3("PutObject", Bucket="birds", Key="source", Body=data, **source)
        opens = key_headers(b"m" * 32, "CopySource") if source is MINE else {}
        for target in methods:
            request = {"Bucket": "birds", "Key": "copy", "CopySource": "birds/source", **target, **opens}
            copy = await s3("CopyObject", **request)
            plain = copy["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
            assert plain == (not target)
            assert await s3.read("birds", "copy", **(MINE if target is MINE else {})) == data
        if source is MINE:
            with pytest.raises(ServiceError, match="stored using a form of Server Side Encryption"):
                await s3("CopyObject", Bucket="birds", Key="copy", CopySource="birds/source")


@pytest.mark.parametrize("method", METHODS)
async def test_multipart(s3: S3, tmp_path: Path, method: dict[str, str]) -> None:
    key = MINE if method is MINE else {}
    first = random.Random(8).randbytes(5 * 1024**2)
    named = {"Bucket": "birds", "Key": "k"}
    upload = await s3("CreateMultipartUpload", **named, **method)
    named["UploadId"] = upload["UploadId"]
    one = await s3("UploadPart", **named, PartNumber=1, Body=Chunks(first, length=len(first)), **key)
    await s3("PutObject", Bucket="birds", Key="source", Body=LARGE, **KMS)
    copied = {"PartNumber": 2, "CopySource": "birds/source", "CopySourceRange": "bytes=100001-200001"}
    two = await s3("UploadPartCopy", **named, **copied, **key)
    parts = [
        {"PartNumber": 1, "ETag": one["ETag"]},
        {"PartNumber": 2, "ETag": two["CopyPartResult"]["ETag"]},
    ]
    if method is MINE:
        for headers in ({}, OTHER):
            with pytest.raises(ServiceError) as refused:
                await s3("UploadPart", **named, PartNumber=3, Body=b"x", **headers)
            assert refused.value.code == "InvalidRequest"
    await s3("CompleteMultipartUpload", **named, MultipartUpload={"Parts": parts})
    whole = first + LARGE[100001:200002]
    assert await s3.read("birds", "k", **key) == whole
    around = f"bytes={len(first) - 20}-{len(first) + 20}"
    assert await s3.read("birds", "k", Range=around, **key) == whole[len(first) - 20 : len(first) + 21]
    assert first[:30] not in everything_on_disk(tmp_path)


async def test_kms_must_let_the_reader(s3: S3, tmp_path: Path) -> None:
    for name in ("small", "large"):
        body = SMALL if name == "small" else LARGE
        put = await s3("PutObject", Bucket="birds", Key=name, Body=body, BucketKeyEnabled=True, **KMS)
        assert (put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == (ARN, True)
        target = tmp_path / name
        await s3.service.objects.download(ROOT, "birds", name, target)
        assert target.read_bytes() == body
    s3.rights.refused.add(("kms:Decrypt", ARN))
    with pytest.raises(Refused):
        await s3("GetObject", Bucket="birds", Key="large")
    with pytest.raises(Refused):
        await s3("CopyObject", Bucket="birds", Key="copy", CopySource="birds/large")
    with pytest.raises(Refused):
        await s3.service.objects.download(ROOT, "birds", "large", tmp_path / "again")
    assert (await s3("HeadObject", Bucket="birds", Key="large"))["SSEKMSKeyId"] == ARN
    s3.rights.refused.add(("kms:GenerateDataKey", ARN))
    with pytest.raises(Refused):
        await s3("PutObject", Bucket="birds", Key="new", Body=b"x", **KMS)


async def test_the_buckets_default_holds_for_other_services_too(s3: S3, tmp_path: Path) -> None:
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    await s3("PutBucketEncryption", Bucket="birds", ServerSideEncryptionConfiguration={"Rules": [default]})
    source, target = tmp_path / "model.tar.gz", tmp_path / "again"
    source.write_bytes(LARGE)
    await s3.service.objects.upload(ROOT, "birds", "model", source)
    head = await s3("HeadObject", Bucket="birds", Key="model")
    assert (head["ServerSideEncryption"], head["BucketKeyEnabled"]) == ("aws:kms", True)
    source.unlink()
    assert LARGE[:30] not in everything_on_disk(tmp_path)
    await s3.service.objects.download(ROOT, "birds", "model", target)
    assert target.read_bytes() == LARGE
    await s3("PutObject", Bucket="birds", Key="sealed", Body=b"x", **MINE)
    with pytest.raises(Refused, match="stored using a form of Server Side Encryption"):
        await s3.service.objects.download(ROOT, "birds", "sealed", tmp_path / "none")


async def test_a_website_reads_nothing_that_has_a_key(s3: S3) -> None:
    site = {"IndexDocument": {"Suffix": "index.html"}}
    await s3("PutBucketWebsite", Bucket="birds", WebsiteConfiguration=site)
    await s3("PutObject", Bucket="birds", Key="kms.html", Body=LARGE, **KMS)
    await s3("PutObject", Bucket="birds", Key="mine.html", Body=LARGE, **MINE)

    def answer(path: str) -> WebsiteResponse:
        ids = {"RequestId": "r", "HostId": "h"}
        return s3.service.websites.answer(
            WebsiteRequest("birds", "GET", path, "", {}, "birds.s3-website", False, ids, {})
        )

    assert answer("/mine.html").status == 400
    s3.rights.refused.add(("kms:Decrypt", ARN))
    assert answer("/kms.html").status == 403
