"""TagResource, UntagResource, ListTagsForResource: of repositories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.ecr.errors import (
    InvalidParameterException,
    InvalidTagParameterException,
    TooManyTagsException,
    no_such_repository,
)
from sagehen.services.ecr.repositories.finding import on_resource, require
from sagehen.services.ecr.repositories.records import Records, Writing

# Documented: Tagging an Amazon ECR private repository.
_MOST = 50


def with_tags(current: Mapping[str, str], added: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return tags with more of them.

    Raises:
        InvalidTagParameterException, TooManyTagsException: In words from memory.
    """
    names = [tag.get("Key", "") for tag in added]
    if not all(names) or reserved(names) or len(set(names)) != len(names):
        raise InvalidTagParameterException(
            "Invalid parameter at 'tags' failed to satisfy constraint: 'Tag keys must be unique, not empty, "
            "and must not begin with aws:'"
        )
    tags = {**current, **{tag["Key"]: tag.get("Value", "") for tag in added}}
    if counted(tags) > _MOST:
        raise TooManyTagsException(f"The list of tags on the repository is over the limit of {_MOST}.")
    return tags


class Tags:
    """Tags of repositories."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @operation("TagResource", access=on_resource)
    async def tag_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Set tags; those of the same keys are replaced."""
        await self._change(request, lambda tags: with_tags(tags, request["tags"]))
        return {}

    @operation("UntagResource", access=on_resource)
    async def untag_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Remove tags; keys that are not set are no fault."""
        gone = set(request["tagKeys"])
        if reserved(gone):
            raise InvalidTagParameterException("Tag keys must not begin with aws:")
        await self._change(request, lambda tags: {key: tags[key] for key in tags if key not in gone})
        return {}

    @operation("ListTagsForResource", access=on_resource)
    async def list_tags_for_resource(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return all tags."""
        repository = require(self._records, *_named(request))
        return {"tags": [{"Key": key, "Value": value} for key, value in sorted(repository.tags.items())]}

    async def _change(self, request: Request, change: Any) -> None:
        scope, name = _named(request)

        def work(writing: Writing) -> None:
            repository = writing.repository(scope, name)
            if repository is None:
                raise no_such_repository(scope, name)
            writing.put_repository(repository.with_(tags=change(repository.tags)))

        await self._records.change(work)


def _named(request: Request) -> tuple[Scope, str]:
    try:
        arn = Arn.parse(request["resourceArn"])
    except ValueError:
        arn = None
    if arn is None or arn.service != "ecr" or not arn.resource.startswith("repository/"):
        raise InvalidParameterException(
            "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'"
        )
    return Scope(arn.account_id, arn.region), arn.resource.removeprefix("repository/")
