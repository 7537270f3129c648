"""Tags of functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions.records import FunctionRecord, FunctionRecords
from sagehen.services.lambda_.names import FunctionReference, parse_reference

# Documented: Lambda Developer Guide, "Using tags on Lambda functions": 50 tags. The texts are from memory.
_MOST = 50


def tag_conditions(tags: Mapping[str, str] | None) -> dict[str, ConditionValue]:
    """Return `aws:RequestTag/…` and `aws:TagKeys` of a request's tags."""
    if not tags:
        return {}
    keys: dict[str, ConditionValue] = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    keys["aws:TagKeys"] = tuple(tags)
    return keys


def _on_resource(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    keys: dict[str, ConditionValue] = tag_conditions(request.get("Tags"))
    if names := request.get("TagKeys"):
        keys["aws:TagKeys"] = tuple(names)
    yield Access(f"lambda:{context.operation}", request["Resource"], keys)


class Tags:
    """TagResource, UntagResource, ListTags."""

    def __init__(self, records: FunctionRecords, ids: Ids) -> None:
        self._records = records
        self._ids = ids

    @operation("TagResource", access=_on_resource)
    async def tag_resource(self, context: RequestContext, request: Request) -> Reply:
        """Set tags; those of the same keys are replaced.

        Raises:
            ResourceNotFoundException, InvalidParameterValueException.
        """
        if not request["Tags"]:
            raise InvalidParameterValueException("An error occurred and the request cannot be processed.")
        _require_own(request["Tags"])
        function = self._function(context, request)

        def merge(tags: Mapping[str, str]) -> Mapping[str, str]:
            merged = {**tags, **request["Tags"]}
            if counted(merged) > _MOST:
                raise InvalidParameterValueException("Number of tags exceeds resource tag limit.")
            return merged

        await self._records.change_tags(function.reference, self._ids.uuid(), merge)
        return Reply({}, status=204)

    @operation("UntagResource", access=_on_resource)
    async def untag_resource(self, context: RequestContext, request: Request) -> Reply:
        """Remove tags; those that are not there are no fault, and then nothing is changed."""
        _require_own(request["TagKeys"])
        function = self._function(context, request)

        def keep(tags: Mapping[str, str]) -> Mapping[str, str] | None:
            kept = {name: value for name, value in tags.items() if name not in request["TagKeys"]}
            return None if kept == tags else kept

        await self._records.change_tags(function.reference, self._ids.uuid(), keep)
        return Reply({}, status=204)

    @operation("ListTags", access=_on_resource)
    async def list_tags(self, context: RequestContext, request: Request) -> Request:
        """List a function's tags; its versions and aliases have none of their own."""
        return {"Tags": dict(self._function(context, request).tags)}

    def _function(self, context: RequestContext, request: Request) -> FunctionRecord:
        arn = Arn.parse(request["Resource"])
        if arn.resource_type != "function":
            raise InvalidParameterValueException(f"Tags on {arn.resource_type} are not supported.")
        reference: FunctionReference = parse_reference(context.scope, request["Resource"])
        if reference.qualifier:
            raise InvalidParameterValueException(
                "Tags on function aliases and versions are not supported. Please specify a function ARN."
            )
        return self._records.require_function(reference)


def _require_own(keys: Iterable[str]) -> None:
    if reserved(keys):
        raise InvalidParameterValueException("aws: prefixed tag key names are not allowed for external use.")


def function_tags(records: FunctionRecords, resource_arn: str) -> Mapping[str, str]:
    """Implement `ports.ResourceTags`: a function's versions and aliases have its tags."""
    try:
        arn = Arn.parse(resource_arn)
    except ValueError:
        return {}
    if arn.resource_type != "function":
        return {}
    name = arn.resource.split(":")[1]
    function = records.function(FunctionReference(Scope(arn.account_id, arn.region), name))
    return {} if function is None else function.tags
