"""The encryption that an upload gets: what it asks for, or its bucket's default."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.s3.encryption.asked import encryption_of
from tests.unit.s3.conftest import Configured

KEY, OTHER_KEY = "arn:aws:kms:us-east-1:111111111111:key/1", "arn:aws:kms:us-east-1:111111111111:key/2"
AES, KMS, DSSE = ({"ServerSideEncryption": name} for name in ("AES256", "aws:kms", "aws:kms:dsse"))
BY_BUCKET_KEY = {"BucketKeyEnabled": True}


def default(method: str, key: str | None = None, bucket_key: bool = False) -> dict[str, Any]:
    how = {"SSEAlgorithm": method, **({} if key is None else {"KMSMasterKeyID": key})}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": how, "BucketKeyEnabled": bucket_key}]}


@pytest.mark.parametrize(
    ("stored", "asked", "encryption"),
    [
        (None, {}, AES),
        (None, AES, AES),
        (None, KMS, KMS),
        (None, KMS | {"SSEKMSKeyId": KEY}, KMS | {"SSEKMSKeyId": KEY}),
        (None, KMS | BY_BUCKET_KEY, KMS | BY_BUCKET_KEY),
        (None, DSSE | BY_BUCKET_KEY, DSSE),  # a bucket key exists in one layer only
        (default("aws:kms", KEY), {}, KMS | {"SSEKMSKeyId": KEY}),
        (default("aws:kms", KEY), AES, AES),  # what is asked for wins
        (default("aws:kms", KEY), KMS, KMS),  # and then with AWS's own key, not the bucket's
        (default("aws:kms", KEY), KMS | {"SSEKMSKeyId": OTHER_KEY}, KMS | {"SSEKMSKeyId": OTHER_KEY}),
        (default("aws:kms", bucket_key=True), {}, KMS | BY_BUCKET_KEY),
        (default("aws:kms", bucket_key=True), KMS, KMS | BY_BUCKET_KEY),
        (default("aws:kms", bucket_key=True), {"BucketKeyEnabled": False}, KMS),
        (default("aws:kms", bucket_key=True), KMS | {"BucketKeyEnabled": False}, KMS),
        (default("aws:kms:dsse", bucket_key=True), {}, DSSE),
        (default("AES256"), {}, AES),
    ],
)
async def test_which_one(
    configured: Configured, stored: Any, asked: dict[str, Any], encryption: dict[str, Any]
) -> None:
    buckets, bucket = await configured(encryption=stored)
    assert encryption_of(buckets, bucket, asked) == encryption


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"SSEKMSKeyId": KEY}, "InvalidArgument"),
        (AES | {"SSEKMSKeyId": KEY}, "InvalidArgument"),
        ({"SSEKMSEncryptionContext": "e30="}, "InvalidArgument"),
        ({"ServerSideEncryption": "aws:fsx"}, "NotImplemented"),
    ],
)
async def test_what_is_none(configured: Configured, asked: dict[str, Any], code: str) -> None:
    buckets, bucket = await configured()
    with pytest.raises(ServiceError) as refused:
        encryption_of(buckets, bucket, asked)
    assert refused.value.code == code
