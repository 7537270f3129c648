"""Which IAM actions S3's operations need: on the bucket, or on one object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import Principal
from sagehen.services.s3.acl.grants import GRANT_MEMBERS
from sagehen.services.s3.acl.rights import granted_on_bucket, granted_on_object
from sagehen.services.s3.bucket_records import Bucket
from sagehen.services.s3.copy_source import CopySource
from sagehen.services.s3.object_lock.headers import asked_lock, lock_conditions
from sagehen.services.s3.object_records import Version
from sagehen.services.s3.state import Resource, S3State
from sagehen.services.s3.tag_sets import parse_tagging_header

Conditions = Callable[[Request], dict[str, ConditionValue]]

# Condition key -> member of the input.
_LIST_KEYS = {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys"}
_ACL_KEYS = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-grant-full-control": "GrantFullControl",
    "s3:x-amz-grant-read": "GrantRead",
    "s3:x-amz-grant-read-acp": "GrantReadACP",
    "s3:x-amz-grant-write": "GrantWrite",
    "s3:x-amz-grant-write-acp": "GrantWriteACP",
}
_WRITE_KEYS = {"s3:if-none-match": "IfNoneMatch", "s3:if-match": "IfMatch"}
_PUT_KEYS = {
    **_ACL_KEYS,
    **_WRITE_KEYS,
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-metadata-directive": "MetadataDirective",
    "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
# Whether a request that needs s3:PutObject makes an object: what is only on the way to one takes no
# If-None-Match, and policies that want the header except it.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
_CREATES = "s3:ObjectCreationOperation"


def _keys(table: dict[str, str], request: Request) -> dict[str, ConditionValue]:
    return {key: str(request[name]) for key, name in table.items() if request.get(name) is not None}


def list_conditions(request: Request) -> dict[str, ConditionValue]:
    keys = _keys(_LIST_KEYS, request)
    # A listing without a prefix has the empty one: policies often ask for it.
    keys.setdefault("s3:prefix", "")
    return keys


def acl_conditions(request: Request) -> dict[str, ConditionValue]:
    return _keys(_ACL_KEYS, request)


def deletion_conditions(request: Request) -> dict[str, ConditionValue]:
    return _keys({"s3:if-match": "IfMatch"}, request)


def part_conditions(request: Request) -> dict[str, ConditionValue]:
    return {_CREATES: "false"}


def completion_conditions(request: Request) -> dict[str, ConditionValue]:
    return {**_keys(_WRITE_KEYS, request), _CREATES: "true"}


def put_conditions(request: Request, creates: bool = True) -> dict[str, ConditionValue]:
    """Return the keys of an upload, as its request asks for it.

    Args:
        creates: It is all of the object, not the beginning of a multipart upload.
    """
    return {**_keys(_PUT_KEYS, request), _CREATES: str(creates).lower()}


def on_bucket(action: str, conditions: Conditions | None = None) -> AccessRule:
    """Make a rule for one action on the request's bucket."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        resource: Resource = owner
        bucket = resource.state.bucket(request)
        granted = granted_on_bucket(resource.state.buckets, bucket, action, context.principal)
        yield Access(f"s3:{action}", bucket.arn, conditions(request) if conditions else {}, granted)

    return rule


def on_object(*actions: str, conditions: Conditions | None = None) -> AccessRule:
    """Make a rule for actions on the request's object.

    With a VersionId they are the versioned ones: `GetObject` becomes `GetObjectVersion`, and
    `GetObjectTagging` `GetObjectVersionTagging`.
    """

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        resource: Resource = owner
        bucket = resource.state.bucket(request)
        version_id = request.get("VersionId")
        version = resource.state.objects.get(bucket.name, request["Key"], version_id)
        more = conditions(request) if conditions else {}
        for action in actions:
            name = versioned(action) if version_id is not None else action
            access = object_access(
                resource.state, context.principal, bucket, request["Key"], version, name, version_id
            )
            yield replace(access, conditions={**access.conditions, **more}) if more else access

    return rule


def versioned(action: str) -> str:
    """Return the action on a version: `PutObjectAcl` -> `PutObjectVersionAcl`."""
    for verb in ("Get", "Put", "Delete"):
        if action.startswith(f"{verb}Object"):
            return f"{verb}ObjectVersion{action.removeprefix(f'{verb}Object')}"
    return action


def object_access(
    state: S3State,
    caller: Principal,
    bucket: Bucket,
    key: str,
    version: Version | None,
    action: str,
    version_id: str | None,
) -> Access:
    """Return one action on an object, with the keys and the grants that its version brings along.

    Args:
        version: What is stored under the key; None where there is nothing.
        action: Without prefix: `GetObjectVersion`.
        version_id: As the request names it.
    """
    keys: dict[str, ConditionValue] = {}
    if version_id is not None:
        keys["s3:VersionId"] = version_id
    if version is not None and version.tags:
        keys |= {f"s3:ExistingObjectTag/{name}": value for name, value in version.tags.items()}
    granted = granted_on_object(state.buckets, bucket, version, action, caller)
    return Access(f"s3:{action}", bucket.object_arn(key), keys, granted)


def _tags(request: Request) -> dict[str, str]:
    tagging = request.get("Tagging")
    if isinstance(tagging, str):
        return parse_tagging_header(tagging)
    if isinstance(tagging, dict):
        return {tag["Key"]: tag["Value"] for tag in tagging.get("TagSet", [])}
    return {}


def tag_conditions(request: Request) -> dict[str, ConditionValue]:
    tags = _tags(request)
    keys: dict[str, ConditionValue] = {f"s3:RequestObjectTag/{name}": value for name, value in tags.items()}
    if tags:
        keys["s3:RequestObjectTagKeys"] = tuple(tags)
    return keys


def put_object(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """PutObject on the key; PutObjectTagging and PutObjectAcl too where the request sets those."""
    resource: Resource = owner
    bucket = resource.state.bucket(request)
    arn = bucket.object_arn(request["Key"])
    keys = put_conditions(request, context.operation != "CreateMultipartUpload") | tag_conditions(request)
    mode, until, hold = asked_lock(request)
    if mode is not None or until is not None or hold is not None:
        keys |= lock_conditions(mode, until, hold, resource.state.clock.now())
    granted = granted_on_bucket(resource.state.buckets, bucket, "PutObject", context.principal)
    yield Access("s3:PutObject", arn, keys, granted)
    if request.get("Tagging"):
        yield Access("s3:PutObjectTagging", arn, keys)
    if request.get("ObjectLockMode"):
        yield Access("s3:PutObjectRetention", arn, keys)
    if request.get("ObjectLockLegalHoldStatus"):
        yield Access("s3:PutObjectLegalHold", arn, keys)
    if any(request.get(member) for member in GRANT_MEMBERS):
        yield Access("s3:PutObjectAcl", arn, keys, granted)  # who may write may say whose it shall be


def copy_source(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Read access to the source of a copy."""
    resource: Resource = owner
    source = CopySource.parse(request["CopySource"])
    bucket = resource.state.bucket(
        {"Bucket": source.bucket, "ExpectedBucketOwner": request.get("ExpectedSourceBucketOwner")}
    )
    version = resource.state.objects.get(bucket.name, source.key, source.version_id)
    action = "GetObject" if source.version_id is None else "GetObjectVersion"
    yield object_access(
        resource.state, context.principal, bucket, source.key, version, action, source.version_id
    )


def copy_object(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield from copy_source(owner, context, request)
    yield from put_object(owner, context, request)
