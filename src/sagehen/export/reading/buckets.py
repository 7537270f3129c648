"""Buckets and their policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named, PolicyDocument
from sagehen.export.reading import bucket_settings as settings
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.reverse import without_defaults

BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"


def buckets(asked: Asked) -> Iterator[Node]:
    """Yield all buckets of the account in this region, each with its policy."""
    for listed in asked.all("s3", "list_buckets", "Buckets"):
        name = listed["Name"]
        place = asked.one("s3", "get_bucket_location", Bucket=name).get("LocationConstraint") or "us-east-1"
        if place != asked.region:
            asked.leave_out(f"bucket {name}: it is in {place}")
            continue
        bucket = Key(BUCKET, name)
        yield Node(
            bucket,
            name,
            {"BucketName": Named(bucket, "", name), **without_defaults(BUCKET, _settings(asked, name))},
        )
        for what in _left_out(asked, name):
            asked.leave_out(what, bucket)
        if text := asked.one("s3", "get_bucket_policy", Bucket=name).get("Policy"):
            policy = {"Bucket": Named(bucket, "", name), "PolicyDocument": PolicyDocument(json.loads(text))}
            yield Node(Key(POLICY, name), name, policy, part_of=(bucket,))


def _left_out(asked: Asked, name: str) -> Iterator[str]:
    told = asked.one("s3", "get_bucket_notification_configuration", Bucket=name)
    if told.get("LambdaFunctionConfigurations"):
        # The function needs its package, and the bucket that the package is in.
        yield f"notifications of the bucket {name}: their function comes after it"
    # The first is the owner's own.
    if len(asked.one("s3", "get_bucket_acl", Bucket=name).get("Grants", ())) > 1:
        yield f"what the access control list of the bucket {name} grants"


def _settings(asked: Asked, name: str) -> dict[str, Any]:
    def told(operation: str, member: str) -> Any:
        return asked.one("s3", operation, Bucket=name).get(member)

    rules = (told("get_bucket_encryption", "ServerSideEncryptionConfiguration") or {}).get("Rules")
    found: dict[str, Any] = {
        "Tags": told("get_bucket_tagging", "TagSet"),
        "PublicAccessBlockConfiguration": _public_access(asked, name),
        "OwnershipControls": told("get_bucket_ownership_controls", "OwnershipControls"),
        "BucketEncryption": settings.encryption(rules or []),
    }
    if status := told("get_bucket_versioning", "Status"):
        found["VersioningConfiguration"] = {"Status": status}
    if rules := told("get_bucket_cors", "CORSRules"):
        found["CorsConfiguration"] = settings.cors(rules)
    if rules := told("get_bucket_lifecycle_configuration", "Rules"):
        found["LifecycleConfiguration"] = settings.lifecycle(rules)
    if site := settings.website(asked.one("s3", "get_bucket_website", Bucket=name)):
        found["WebsiteConfiguration"] = site
    if log := told("get_bucket_logging", "LoggingEnabled"):
        found["LoggingConfiguration"] = _logging(log)
    if lock := told("get_object_lock_configuration", "ObjectLockConfiguration"):
        found |= {"ObjectLockEnabled": True}
        found |= {"ObjectLockConfiguration": lock} if "Rule" in lock else {}
    return found


def _logging(told: Mapping[str, Any]) -> dict[str, Any]:
    target = told["TargetBucket"]
    found: dict[str, Any] = {"DestinationBucketName": Named(Key(BUCKET, target), "", target)}
    return found | ({"LogFilePrefix": told["TargetPrefix"]} if told.get("TargetPrefix") else {})


def _public_access(asked: Asked, name: str) -> Mapping[str, Any]:
    """Return what is blocked; AWS blocks everything of a bucket that says nothing."""
    told = asked.one("s3", "get_public_access_block", Bucket=name).get("PublicAccessBlockConfiguration")
    members = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    if "s3:GetPublicAccessBlock" in asked.hidden:
        return {}
    return {member: bool((told or {}).get(member)) for member in members}
