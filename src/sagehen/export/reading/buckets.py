"""Buckets and their policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named, PolicyDocument
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.reverse import without_defaults

BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
# What a bucket may have that no template of ours takes: operation, member of its answer, what it is.
_WITHOUT = (
    ("get_bucket_lifecycle_configuration", "Rules", "lifecycle rules"),
    ("get_bucket_website", "IndexDocument", "a website"),
    ("get_bucket_logging", "LoggingEnabled", "access logs"),
    ("get_bucket_notification_configuration", "LambdaFunctionConfigurations", "notifications"),
    ("get_object_lock_configuration", "ObjectLockConfiguration", "Object Lock"),
)


def buckets(asked: Asked) -> Iterator[Node]:
    """Yield all buckets of the account in this region, each with its policy."""
    for listed in asked.all("s3", "list_buckets", "Buckets"):
        name = listed["Name"]
        place = asked.one("s3", "get_bucket_location", Bucket=name).get("LocationConstraint") or "us-east-1"
        if place != asked.region:
            asked.left_out.append(f"bucket {name}: it is in {place}")
            continue
        bucket = Key(BUCKET, name)
        yield Node(
            bucket,
            name,
            {"BucketName": Named(bucket, "", name), **without_defaults(BUCKET, _settings(asked, name))},
        )
        for operation, member, what in _WITHOUT:
            if asked.one("s3", operation, Bucket=name).get(member):
                asked.left_out.append(f"bucket {name}: {what}")
        if text := asked.one("s3", "get_bucket_policy", Bucket=name).get("Policy"):
            policy = {"Bucket": Named(bucket, "", name), "PolicyDocument": PolicyDocument(json.loads(text))}
            yield Node(Key(POLICY, name), name, policy, part_of=(bucket,))


def _settings(asked: Asked, name: str) -> dict[str, Any]:
    one = asked.one("s3", "get_bucket_versioning", Bucket=name)
    rules = asked.one("s3", "get_bucket_encryption", Bucket=name).get("ServerSideEncryptionConfiguration")
    cors = asked.one("s3", "get_bucket_cors", Bucket=name).get("CORSRules") or []
    found: dict[str, Any] = {
        "Tags": asked.one("s3", "get_bucket_tagging", Bucket=name).get("TagSet"),
        "PublicAccessBlockConfiguration": _public_access(asked, name),
        "OwnershipControls": asked.one("s3", "get_bucket_ownership_controls", Bucket=name).get(
            "OwnershipControls"
        ),
        "CorsConfiguration": {"CorsRules": [_cors(rule) for rule in cors]} if cors else None,
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                _encryption(rule) for rule in (rules or {}).get("Rules", [])
            ]
        },
    }
    if one.get("Status"):
        found["VersioningConfiguration"] = {"Status": one["Status"]}
    return found


def _public_access(asked: Asked, name: str) -> Mapping[str, Any]:
    """Return what is blocked; AWS blocks everything of a bucket that says nothing."""
    told = asked.one("s3", "get_public_access_block", Bucket=name).get("PublicAccessBlockConfiguration")
    members = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    if "s3:GetPublicAccessBlock" in asked.hidden:
        return {}
    return {member: bool((told or {}).get(member)) for member in members}


def _cors(rule: Mapping[str, Any]) -> dict[str, Any]:
    names = {"ExposeHeaders": "ExposedHeaders", "MaxAgeSeconds": "MaxAge", "ID": "Id"}
    return {names.get(name, name): value for name, value in rule.items()}


def _encryption(rule: Mapping[str, Any]) -> dict[str, Any]:
    by_default = rule.get("ApplyServerSideEncryptionByDefault")
    found: dict[str, Any] = {"ServerSideEncryptionByDefault": by_default} if by_default else {}
    return found | ({"BucketKeyEnabled": True} if rule.get("BucketKeyEnabled") else {})
