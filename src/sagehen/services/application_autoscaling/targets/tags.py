"""TagResource, UntagResource, ListTagsForResource: tags of scalable targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.application_autoscaling.errors import (
    ResourceNotFoundException,
    TooManyTagsException,
    ValidationException,
)
from sagehen.services.application_autoscaling.targets.records import TargetRecords
from sagehen.services.application_autoscaling.targets.target import ScalableTarget

# The API reference: TooManyTagsException tells of the limit of 50.
MOST_TAGS = 50


def checked_tags(before: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """Return tags with more of them.

    Raises:
        ValidationException: A key of AWS's own.
        TooManyTagsException: More than 50.
    """
    if reserved(added):
        raise ValidationException("aws: prefixed tag key names are not allowed for external use.")
    tags = {**before, **added}
    if counted(tags) > MOST_TAGS:
        raise TooManyTagsException(f"A scalable target can have at most {MOST_TAGS} tags.")
    return tags


def _access(action: str) -> AccessRule:
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        tags = request.get("Tags") or {}
        keys = [*tags, *(request.get("TagKeys") or [])]
        conditions: dict[str, ConditionValue] = {f"aws:RequestTag/{name}": tags[name] for name in tags}
        if keys:
            conditions["aws:TagKeys"] = tuple(keys)
        yield Access(f"application-autoscaling:{action}", request["ResourceARN"], conditions)

    return rule


class TargetTags:
    """The operations on tags."""

    def __init__(self, targets: TargetRecords) -> None:
        self._targets = targets

    @operation("TagResource", access=_access("TagResource"))
    async def tag_resource(self, context: RequestContext, request: Request) -> Request:
        """Add tags, or change their values."""
        target = self._tagged(context.scope, request["ResourceARN"])
        await self._targets.put(replace(target, tags=checked_tags(target.tags, request["Tags"])))
        return {}

    @operation("UntagResource", access=_access("UntagResource"))
    async def untag_resource(self, context: RequestContext, request: Request) -> Request:
        """Take tags away; keys that are not there are passed over."""
        target = self._tagged(context.scope, request["ResourceARN"])
        gone = set(request["TagKeys"])
        if reserved(gone):
            raise ValidationException("aws: prefixed tag key names are not allowed for external use.")
        left = {name: value for name, value in target.tags.items() if name not in gone}
        await self._targets.put(replace(target, tags=left))
        return {}

    @operation("ListTagsForResource", access=_access("ListTagsForResource"))
    async def list_tags_for_resource(self, context: RequestContext, request: Request) -> Request:
        """Return the tags."""
        return {"Tags": dict(self._tagged(context.scope, request["ResourceARN"]).tags)}

    def _tagged(self, scope: Scope, text: str) -> ScalableTarget:
        found = target_of_arn(self._targets, scope, text)
        if found is None:
            raise ResourceNotFoundException(f"The resource {text} could not be found.", ResourceName=text)
        return found


def target_of_arn(targets: TargetRecords, scope: Scope, text: str) -> ScalableTarget | None:
    """Return the target of an ARN in this account and region, or None."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return None
    kind, _, target_id = arn.resource.partition("/")
    here = (arn.service, arn.account_id, arn.region) == (
        "application-autoscaling",
        scope.account_id,
        scope.region,
    )
    return targets.by_id(scope, target_id) if here and kind == "scalable-target" else None


def target_tags(targets: TargetRecords, resource_arn: str) -> Mapping[str, str]:
    """Implement the port ResourceTags."""
    try:
        arn = Arn.parse(resource_arn)
    except ValueError:
        return {}
    found = target_of_arn(targets, Scope(arn.account_id, arn.region), resource_arn)
    return found.tags if found else {}
