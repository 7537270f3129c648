"""CreateTags, DeleteTags, DescribeTags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.domain.access import Access
from sagehen.domain.system_tags import reserved
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue, MissingParameter
from sagehen.services.ec2.resources.access import named, tag_keys
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import kind_of
from sagehen.services.ec2.resources.listing import check_page, page
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import checked

_MOST_RESOURCES = 1000
_FILTERS = {"key": "Key", "value": "Value", "resource-id": "ResourceId", "resource-type": "ResourceType"}


def _on_each(owner: Tags, context: RequestContext, request: Request) -> Iterator[Access]:
    tags = {tag.get("Key", ""): tag.get("Value") or "" for tag in request.get("Tags") or ()}
    for identifier in request.get("Resources") or ():
        access = named(owner.state, context.scope, f"ec2:{context.operation}", "", identifier)
        yield Access(access.action, access.resource, {**access.conditions, **tag_keys(tags)})


class Tags:
    """Tags of whatever has an id.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateTags", access=_on_each)
    async def create_tags(self, context: RequestContext, request: Request) -> None:
        """Set tags of resources, all or none; those of the same keys are replaced.

        Raises:
            Ec2Error: `Invalid….NotFound`, `InvalidID` for what is no id.
            InvalidParameterValue, TagLimitExceeded, MissingParameter.
        """
        if not request.get("Tags"):
            raise MissingParameter("tagSet")

        def work(view: View) -> None:
            for resource in _resources(view, request):
                resource.tags = checked(request["Tags"], resource.tags)
                view.save(resource)

        await self.state.change(context.scope, request, work)

    @action("DeleteTags", access=_on_each)
    async def delete_tags(self, context: RequestContext, request: Request) -> None:
        """Remove tags: with a value only where it is that; without any tags named, all of them.

        Raises:
            Ec2Error: As CreateTags.
        """

        def work(view: View) -> None:
            for resource in _resources(view, request):
                resource.tags = _left(resource, request)
                view.save(resource)

        await self.state.change(context.scope, request, work)

    @action("DescribeTags")
    async def describe_tags(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of tags, by resource in the order of creation."""
        check_page(request)

        def work(view: View) -> Reply:
            tags: list[dict[str, Any]] = [
                {
                    "Key": key,
                    "Value": value,
                    "ResourceId": resource.id,
                    "ResourceType": resource.kind.name,
                    "": (resource.number, key),
                }
                for resource in view.tagged()
                for key, value in sorted(resource.tags.items())
            ]
            # `tag:Key` is a filter here, too: this one has a single tag to look at.
            described = [{**tag, "Tags": [{"Key": tag["Key"], "Value": tag["Value"]}]} for tag in tags]
            kept = select(described, request.get("Filters"), _FILTERS)
            for item in kept:
                del item["Tags"]
            return page(kept, request, "Tags", "tags")

        return await self.state.read(context.scope, work)


def _resources(view: View, request: Request) -> list[Resource]:
    identifiers = request.get("Resources") or []
    if not identifiers:
        raise MissingParameter("resourceIdSet")
    if len(identifiers) > _MOST_RESOURCES:
        raise InvalidParameterValue(f"At most {_MOST_RESOURCES} resources can be tagged at once.")
    found = []
    for identifier in identifiers:
        kind = kind_of(identifier)
        if kind is None:
            # Documented: the code; the sentence is from memory.
            raise Ec2Error("InvalidID", f"The ID '{identifier}' is not valid")
        found.append(view.get(kind, identifier))
    return found


def _left(resource: Resource, request: Request) -> dict[str, str]:
    named_tags = request.get("Tags")
    if not named_tags:
        return {key: value for key, value in resource.tags.items() if key.startswith("aws:")}
    gone = {tag.get("Key", ""): tag.get("Value") for tag in named_tags}
    if reserved(gone):
        raise InvalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use")
    return {
        key: value
        for key, value in resource.tags.items()
        if key not in gone or gone[key] not in (None, value)
    }
