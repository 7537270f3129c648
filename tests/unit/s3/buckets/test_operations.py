"""Buckets, their configurations and listings."""

from __future__ import annotations

import asyncio
import json

import pytest

from sagehen.services.s3.errors.buckets import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    InvalidBucketName,
    MalformedPolicy,
    NoSuchBucket,
)
from sagehen.services.s3.errors.requests import AccessDenied, InvalidRequest
from sagehen.services.s3.errors.unset import NoSuchBucketPolicy, NoSuchTagSet
from tests.unit.s3.conftest import OTHER, OWNER, S3

PUBLIC = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::birds/*",
            }
        ],
    }
)


async def test_names_are_global(s3: S3) -> None:
    assert (await s3("CreateBucket", Bucket="birds"))["Location"] == "/birds"  # us-east-1's old habit
    with pytest.raises(BucketAlreadyExists):
        await s3("CreateBucket", Bucket="birds", account=OTHER)
    europe = {"LocationConstraint": "eu-west-1"}
    await s3("CreateBucket", Bucket="euro", region="eu-west-1", CreateBucketConfiguration=europe)
    with pytest.raises(BucketAlreadyOwnedByYou):
        await s3("CreateBucket", Bucket="euro", region="eu-west-1", CreateBucketConfiguration=europe)
    with pytest.raises(InvalidBucketName):
        await s3("CreateBucket", Bucket="Bad_Name")
    assert await s3("GetBucketLocation", Bucket="birds") == {}
    assert await s3("GetBucketLocation", Bucket="euro") == {"LocationConstraint": "eu-west-1"}
    directory = s3.service.bucket_directory
    assert (directory.owner("euro"), directory.region("euro")) == (OWNER, "eu-west-1")
    assert directory.owner("none") is None


async def test_listing_buckets(s3: S3) -> None:
    for name in ("fish", "frogs"):
        await s3("CreateBucket", Bucket=name)
    listed = await s3("ListBuckets", MaxBuckets=2)
    assert [bucket["Name"] for bucket in listed["Buckets"]] == ["birds", "fish"]
    rest = await s3("ListBuckets", MaxBuckets=2, ContinuationToken=listed["ContinuationToken"])
    assert [bucket["Name"] for bucket in rest["Buckets"]] == ["frogs"] and "ContinuationToken" not in rest
    assert [bucket["Name"] for bucket in (await s3("ListBuckets", Prefix="f"))["Buckets"]] == [
        "fish",
        "frogs",
    ]
    assert (await s3("ListBuckets", account=OTHER))["Buckets"] == []


async def test_only_an_empty_bucket_goes(s3: S3) -> None:
    await s3("PutObject", Bucket="birds", Key="k", Body=b"")
    with pytest.raises(BucketNotEmpty):
        await s3("DeleteBucket", Bucket="birds")
    await s3("DeleteObject", Bucket="birds", Key="k")
    assert (await s3.reply("DeleteBucket", Bucket="birds")).status == 204
    with pytest.raises(NoSuchBucket):
        await s3("HeadBucket", Bucket="birds")


async def test_policies(s3: S3) -> None:
    policies = s3.service.resource_policies
    with pytest.raises(AccessDenied, match="BlockPublicPolicy"):
        await s3("PutBucketPolicy", Bucket="birds", Policy=PUBLIC)
    with pytest.raises(MalformedPolicy):
        await s3("PutBucketPolicy", Bucket="birds", Policy="no json")
    with pytest.raises(NoSuchBucketPolicy):
        await s3("GetBucketPolicy", Bucket="birds")
    await s3("DeletePublicAccessBlock", Bucket="birds")
    await s3("PutBucketPolicy", Bucket="birds", Policy=PUBLIC)
    assert policies.resource_policy("arn:aws:s3:::birds/a/b") == PUBLIC
    assert policies.resource_owner("arn:aws:s3:::birds") == OWNER
    assert (await s3("GetBucketPolicyStatus", Bucket="birds"))["PolicyStatus"] == {"IsPublic": True}
    block = {"RestrictPublicBuckets": True}
    await s3("PutPublicAccessBlock", Bucket="birds", PublicAccessBlockConfiguration=block)
    narrowed = json.loads(policies.resource_policy("arn:aws:s3:::birds") or "")
    assert narrowed["Statement"][-1]["Effect"] == "Deny"
    await s3("DeleteBucketPolicy", Bucket="birds")
    assert policies.resource_policy("arn:aws:s3:::birds") is None


async def test_configurations_come_back(s3: S3) -> None:
    with pytest.raises(NoSuchTagSet):
        await s3("GetBucketTagging", Bucket="birds")
    tags = [{"Key": "team", "Value": "sage"}]
    await s3("PutBucketTagging", Bucket="birds", Tagging={"TagSet": tags})
    assert (await s3("GetBucketTagging", Bucket="birds"))["TagSet"] == tags
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.example"]}]
    await s3("PutBucketCors", Bucket="birds", CORSConfiguration={"CORSRules": rules})
    assert s3.service.bucket_directory.cors_rules("birds") == rules
    with pytest.raises(InvalidRequest, match="Unsupported method is PATCH"):
        wrong = [{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]
        await s3("PutBucketCors", Bucket="birds", CORSConfiguration={"CORSRules": wrong})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:us-east-1:111111111111:key/1"}
    await s3(
        "PutBucketEncryption",
        Bucket="birds",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    put = await s3("PutObject", Bucket="birds", Key="k", Body=b"")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == (
        "aws:kms",
        "arn:aws:kms:us-east-1:111111111111:key/1",
    )


async def put_many(s3: S3, keys: list[str]) -> None:
    await asyncio.gather(*(s3("PutObject", Bucket="birds", Key=key, Body=b"x") for key in keys))


async def test_both_listings(s3: S3) -> None:
    await put_many(s3, ["a", "b/1", "b/2", "c d", "e/1"])
    first = await s3("ListObjectsV2", Bucket="birds", Delimiter="/", MaxKeys=2)
    assert [entry["Key"] for entry in first["Contents"]] == ["a"]
    assert first["CommonPrefixes"] == [{"Prefix": "b/"}] and first["KeyCount"] == 2
    second = await s3(
        "ListObjectsV2",
        Bucket="birds",
        Delimiter="/",
        ContinuationToken=first["NextContinuationToken"],
        EncodingType="url",
        FetchOwner=True,
    )
    assert [entry["Key"] for entry in second["Contents"]] == ["c+d"] and second["Contents"][0]["Owner"]
    assert second["CommonPrefixes"] == [{"Prefix": "e/"}] and not second["IsTruncated"]
    old = await s3("ListObjects", Bucket="birds", Delimiter="/", MaxKeys=2)
    assert old["NextMarker"] == "b/"
    rest = await s3("ListObjects", Bucket="birds", Delimiter="/", Marker=old["NextMarker"])
    assert [entry["Key"] for entry in rest["Contents"]] == ["c d"]
    after = await s3("ListObjectsV2", Bucket="birds", StartAfter="b/1", Prefix="b/")
    assert [entry["Key"] for entry in after["Contents"]] == ["b/2"]
