"""Which IAM actions uploads and copies need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.s3.access.conditions import (
    put_conditions,
)
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import object_access
from sagehen.services.s3.grants.requests import GRANT_MEMBERS
from sagehen.services.s3.grants.rights import granted_on_bucket
from sagehen.services.s3.object_lock.headers import asked_lock, lock_conditions
from sagehen.services.s3.objects.copy_source import CopySource
from sagehen.services.s3.tagging.conditions import tag_conditions


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
    """Read access to the source, then what PutObject needs; AWS asks for both."""
    yield from copy_source(owner, context, request)
    yield from put_object(owner, context, request)
