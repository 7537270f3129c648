"""AddTagsToResource, RemoveTagsFromResource, ListTagsForResource: of parameters."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.ssm.errors import InvalidResourceId
from sagehen.services.ssm.parameters.access import on_tagged
from sagehen.services.ssm.parameters.operations import MOST_TAGS, check_tags, reserved_tag, too_many_tags
from sagehen.services.ssm.parameters.records import ParameterRecords, Writing


class Tags:
    """Tags of parameters.

    Args:
        records: Where they are.
    """

    def __init__(self, records: ParameterRecords) -> None:
        self._records = records

    @operation("AddTagsToResource", access=on_tagged)
    async def add_tags_to_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Set tags; those of the same keys are replaced.

        Raises:
            InvalidResourceId, TooManyTagsError, ValidationException.
            NotImplementedOperation: Of what is no parameter.
        """
        added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        check_tags(added)

        def work(writing: Writing) -> None:
            tags = {**_tags(writing.tags(context.scope, _name(request))), **added}
            if counted(tags) > MOST_TAGS:
                raise too_many_tags()
            writing.tag(context.scope, _name(request), tags)

        await self._records.change(work)
        return {}

    @operation("RemoveTagsFromResource", access=on_tagged)
    async def remove_tags_from_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Remove tags; keys that are not set are no fault. Raises as AddTagsToResource."""

        if reserved(request["TagKeys"]):
            raise reserved_tag()

        def work(writing: Writing) -> None:
            tags = _tags(writing.tags(context.scope, _name(request)))
            left = {key: value for key, value in tags.items() if key not in request["TagKeys"]}
            writing.tag(context.scope, _name(request), left)

        await self._records.change(work)
        return {}

    @operation("ListTagsForResource", access=on_tagged)
    async def list_tags_for_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return all tags. Raises as AddTagsToResource."""
        tags = _tags(self._records.tags(context.scope, _name(request)))
        return {"TagList": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}


def _name(request: Request) -> str:
    if request["ResourceType"] != "Parameter":
        raise NotImplementedOperation(
            f"Sagehen does not implement {request['ResourceType']} of Systems Manager."
        )
    return str(request["ResourceId"])


def _tags(tags: dict[str, str] | None) -> dict[str, str]:
    if tags is None:
        raise InvalidResourceId(
            "The resource ID is not valid. Verify that you entered the correct ID and try again."
        )
    return tags
