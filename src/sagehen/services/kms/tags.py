"""Tags of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.kms.errors import LimitExceededException, TagException
from sagehen.services.kms.keys.access import on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_alive
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.listing import answer, cut
from sagehen.services.kms.keys.records import KeyRecords

# From memory.
_MAX_TAGS = 50


def checked_tags(current: Mapping[str, str], added: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return tags with more of them.

    Raises:
        TagException: A key of AWS's own, or given twice.
        LimitExceededException.
    """
    # The three sentences are from memory.
    names = [tag["TagKey"] for tag in added]
    if len(set(names)) != len(names):
        raise TagException("Duplicate tag keys found.")
    if reserved(names):
        raise TagException("aws: prefixed tag key names are not allowed for external use.")
    tags = {**current, **{tag["TagKey"]: tag["TagValue"] for tag in added}}
    if counted(tags) > _MAX_TAGS:
        raise LimitExceededException(f"A key may have {_MAX_TAGS} tags.")
    return tags


class Tags:
    """TagResource, UntagResource, ListResourceTags."""

    def __init__(self, records: KeyRecords, finder: KeyFinder) -> None:
        self.records = records
        self.finder = finder

    @operation("TagResource", access=on_key())
    async def tag_resource(self, context: RequestContext, request: Request) -> None:
        def tagged(key: Key) -> Key:
            require_alive(key)
            return key.with_(tags=checked_tags(key.tags, request["Tags"]))

        await self.records.change(self.finder.find(context.scope, request["KeyId"]), tagged)

    @operation("UntagResource", access=on_key())
    async def untag_resource(self, context: RequestContext, request: Request) -> None:
        gone = set(request["TagKeys"])
        if reserved(gone):
            raise TagException("aws: prefixed tag key names are not allowed for external use.")

        def left(key: Key) -> Key:
            require_alive(key)
            return key.with_(tags={n: v for n, v in key.tags.items() if n not in gone})

        await self.records.change(self.finder.find(context.scope, request["KeyId"]), left)

    @operation("ListResourceTags", access=on_key())
    async def list_resource_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self.finder.find(context.scope, request["KeyId"])
        page = cut(
            sorted(key.tags.items()), request, key=lambda tag: tag[0], listing=f"tags/{key.id}", otherwise=50
        )
        return answer(page, Tags=[{"TagKey": name, "TagValue": value} for name, value in page.items])
