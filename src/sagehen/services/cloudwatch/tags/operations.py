"""Tags: TagResource, UntagResource, ListTagsForResource, on alarms and dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.domain.access import Access
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.domain.system_tags import reserved
from sagehen.services.cloudwatch.errors import InvalidParameterValue, ResourceNotFoundException
from sagehen.services.cloudwatch.tags.request import checked_tags, tag_conditions, tags_of


class TaggedRecords(Protocol):
    """Resources of a kind, as far as their tags go."""

    def tags(self, scope: Scope, name: str) -> dict[str, str] | None:
        """Return the tags of one, or None where there is none of that name."""
        ...

    async def set_tags(self, scope: Scope, name: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of one."""
        ...


def _access(action: str) -> AccessRule:
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        yield Access(f"cloudwatch:{action}", request["ResourceARN"], tag_conditions(request))

    return rule


class Tags:
    """Tags of what can be tagged here."""

    def __init__(self, alarms: TaggedRecords, dashboards: TaggedRecords) -> None:
        self._kinds = {"alarm": alarms, "dashboard": dashboards}

    @operation("TagResource", access=_access("TagResource"))
    async def tag_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Add tags, or give tags other values.

        Raises:
            InvalidParameterValue, ResourceNotFoundException: The ARN.
            ValidationError: More than 50 tags.
        """
        kind, name, tags = self._tagged(context.scope, request)
        _require_own(tags_of(request))
        wanted = checked_tags({**tags, **tags_of(request)}, _WORDS[kind])
        await self._kinds[kind].set_tags(context.scope, name, wanted)
        return {}

    @operation("UntagResource", access=_access("UntagResource"))
    async def untag_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Take tags away; keys that are not there are passed over.

        Raises:
            InvalidParameterValue, ResourceNotFoundException: The ARN.
        """
        kind, name, tags = self._tagged(context.scope, request)
        _require_own(request["TagKeys"])
        left = {key: value for key, value in tags.items() if key not in request["TagKeys"]}
        await self._kinds[kind].set_tags(context.scope, name, left)
        return {}

    @operation("ListTagsForResource", access=_access("ListTagsForResource"))
    async def list_tags_for_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return the tags of an alarm or a dashboard.

        Raises:
            InvalidParameterValue, ResourceNotFoundException: The ARN.
        """
        _, _, tags = self._tagged(context.scope, request)
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def of(self, resource_arn: str) -> Mapping[str, str]:
        """Implement `ports.ResourceTags`: none where the ARN is of nothing that exists."""
        named = _named(resource_arn)
        if named is None:
            return {}
        scope, kind, name = named
        return self._kinds[kind].tags(scope, name) or {}

    def _tagged(self, scope: Scope, request: Request) -> tuple[str, str, dict[str, str]]:
        text = request["ResourceARN"]
        named = _named(text)
        # A dashboard is of no region.
        if named is None or named[0] not in (scope, Scope(scope.account_id, "")):
            raise InvalidParameterValue(f"The value {text} for parameter ResourceARN is invalid.")
        _, kind, name = named
        tags = self._kinds[kind].tags(scope, name)
        if tags is None:  # the members are documented (ResourceNotFoundException), the message is from memory
            raise ResourceNotFoundException("Unknown", ResourceType=kind, ResourceId=text)
        return kind, name, tags


def _require_own(keys: Iterable[str]) -> None:
    if reserved(keys):
        raise InvalidParameterValue("aws: prefixed tag key names are not allowed for external use.")


_WORDS = {"alarm": "An alarm", "dashboard": "A dashboard"}


def _named(text: str) -> tuple[Scope, str, str] | None:
    """Return account and region, kind and name of what an ARN names, or None."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return None
    # Documented: API_TagResource. `alarm:NAME` with a region, `dashboard/NAME` without.
    for kind, separator in (("alarm", ":"), ("dashboard", "/")):
        name = arn.resource.removeprefix(kind + separator)
        if arn.service == "cloudwatch" and name != arn.resource and bool(arn.region) == (kind == "alarm"):
            return Scope(arn.account_id, arn.region), kind, name
    return None
