"""Which IAM actions S3's operations need: on the bucket, or on one object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import Principal
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.grants.rights import granted_on_bucket, granted_on_object
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.state import S3State

Conditions = Callable[[Request], dict[str, ConditionValue]]


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
    # Documented: Service Authorization Reference, actions of Amazon S3.
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
