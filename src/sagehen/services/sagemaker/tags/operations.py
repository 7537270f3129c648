"""Tags of every SageMaker resource, by ARN."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.sagemaker.tags.records import TagRecords

# Documented: the shape TagList.
_MAX_TAGS = 50
# (kind, scope, lower-cased name) -> whether there is such a resource. Endpoints bring their own.
Exists = Callable[[Scope, str], bool]


def _on_resource(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    keys: dict[str, Any] = {}
    if tags := request.get("Tags"):
        keys = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}
        keys["aws:TagKeys"] = tuple(tag["Key"] for tag in tags)
    elif names := request.get("TagKeys"):
        keys["aws:TagKeys"] = tuple(names)
    yield Access(f"sagemaker:{context.operation}", request.get("ResourceArn", "*"), keys)


class Tags:
    """AddTags, ListTags, DeleteTags.

    Args:
        records: Where tags are.
        exists: Resource type as ARNs spell it (`training-job`) -> whether one of that lower-cased
            name exists.
    """

    def __init__(self, records: TagRecords, exists: Mapping[str, Exists]) -> None:
        self._records = records
        self._exists = exists

    @operation("AddTags", access=_on_resource)
    async def add_tags(self, context: RequestContext, request: Request) -> Request:
        """Set tags; those of the same keys are replaced.

        Raises:
            ValidationException: No such resource, or it would have more than fifty tags.
        """
        arn = self._require(context, request)
        _require_own(tag["Key"] for tag in request["Tags"])
        merged = self._records.of(arn) | {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        if counted(merged) > _MAX_TAGS:
            raise ValidationException(f"A resource can have at most {_MAX_TAGS} tags.")
        await self._records.put(arn, request["Tags"])
        return {"Tags": _listed(merged)}

    @operation("ListTags", access=_on_resource)
    async def list_tags(self, context: RequestContext, request: Request) -> Request:
        """Return one page of tags, in order of their keys.

        Raises:
            ValidationException: No such resource.
        """
        tags = _listed(self._records.of(self._require(context, request)))
        limit = request.get("MaxResults", _MAX_TAGS)
        after = request.get("NextToken")
        rest = [tag for tag in tags if after is None or tag["Key"] > after]
        token = rest[limit - 1]["Key"] if len(rest) > limit else None
        return {"Tags": rest[:limit], "NextToken": token}

    @operation("DeleteTags", access=_on_resource)
    async def delete_tags(self, context: RequestContext, request: Request) -> Request:
        """Remove tags; keys that are not set are no fault.

        Raises:
            ValidationException: No such resource.
        """
        _require_own(request["TagKeys"])
        await self._records.delete(self._require(context, request), request["TagKeys"])
        return {}

    def _require(self, context: RequestContext, request: Request) -> str:
        text: str = request["ResourceArn"]
        try:
            arn = Arn.parse(text)
        except ValueError:
            raise ValidationException(f"Invalid ARN: {text}") from None
        scope = Scope(arn.account_id, arn.region)
        exists = self._exists.get(arn.resource_type)
        name = arn.resource.partition("/")[2].lower()
        if arn.service != "sagemaker" or scope != context.scope or exists is None or not exists(scope, name):
            raise ValidationException(f"Could not find resource with ARN {text}.")
        return scope.arn("sagemaker", f"{arn.resource_type}/{name}")


def _require_own(keys: Iterable[str]) -> None:
    if reserved(keys):
        raise ValidationException("aws: prefixed tag key names are not allowed for external use.")


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
