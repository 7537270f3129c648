"""Tags of APIs, stages, API keys and usage plans."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.items import dump, put_item, read_item
from sagehen.services.apigateway.documents.records import Records, read_definition
from sagehen.services.apigateway.documents.tags import MAX_TAGS, checked_tags
from sagehen.services.apigateway.errors import (
    BadRequestException,
    LimitExceededException,
    NotFoundException,
    no_such_stage,
)
from sagehen.services.apigateway.plans.records import API_KEY, USAGE_PLAN
from sagehen.services.apigateway.stages.records import put_stage, read_stage
from sagehen.store.database import Transaction

# What may be tagged. Documented: Tag your API Gateway resources, for what is built here.
_PATH = re.compile(
    r"/restapis/(?P<api>[^/]+)(?:/stages/(?P<stage>[^/]+))?"
    r"|/apikeys/(?P<key>[^/]+)|/usageplans/(?P<plan>[^/]+)"
)
_TAGS = "/tags/{resourceArn}"


class Tags:
    """The operations on tags."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @operation("TagResource", access=via("PUT", _TAGS))
    async def tag_resource(self, context: RequestContext, request: Request) -> None:
        def change(tags: dict[str, str]) -> dict[str, str]:
            added = checked_tags(request["tags"])
            if counted({**tags, **added}) > MAX_TAGS:
                raise LimitExceededException(f"A resource cannot have more than {MAX_TAGS} tags")
            return {**tags, **added}

        await self._edit(context.scope, request["resourceArn"], change)

    @operation("UntagResource", access=via("DELETE", _TAGS))
    async def untag_resource(self, context: RequestContext, request: Request) -> None:
        if reserved(request["tagKeys"]):
            raise BadRequestException("Tag keys cannot start with the reserved prefix aws:")

        def change(tags: dict[str, str]) -> dict[str, str]:
            return {key: value for key, value in tags.items() if key not in request["tagKeys"]}

        await self._edit(context.scope, request["resourceArn"], change)

    @operation("GetTags", access=via("GET", _TAGS))
    async def get_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        found = await self._edit(context.scope, request["resourceArn"], None)
        return {"tags": found}

    async def _edit(
        self,
        scope: Scope,
        arn: str,
        change: Callable[[dict[str, str]], dict[str, str]] | None,
    ) -> dict[str, str]:
        """Return the tags of a resource, changed and stored where a change is given."""
        match = _match(scope, arn)

        def run(tx: Transaction) -> dict[str, str]:
            document, store = _open(tx, scope, match)
            tags: dict[str, str] = document.get("tags") or {}
            if change is not None:
                tags = change(tags)
                document["tags"] = tags
                if not tags:
                    del document["tags"]
                store(document)
            return tags

        if change is None:  # nothing changes: what is remembered may stay
            return await self.records.database.write(run)
        return await self.records.write(run)


def _match(scope: Scope, text: str) -> re.Match[str]:
    try:
        arn = Arn.parse(unquote(text))
    except ValueError:
        raise BadRequestException("Invalid ARN specified in the request") from None
    match = _PATH.fullmatch(arn.resource)
    if arn.service != "apigateway" or arn.region != scope.region or match is None:
        raise BadRequestException("Invalid ARN specified in the request")
    return match


def _open(tx: Transaction, scope: Scope, match: re.Match[str]) -> tuple[Document, Callable[[Document], None]]:
    """Return the document that carries the tags, and what stores it."""
    if match["api"]:
        definition = read_definition(tx, scope, match["api"])
        if match["stage"]:
            stage = read_stage(tx, definition.id, match["stage"])
            if stage is None:
                raise no_such_stage()
            return stage, lambda document: put_stage(tx, definition.id, document)

        def store(settings: Document) -> None:
            tx.execute(
                "UPDATE apigateway_rest_apis SET settings = ? WHERE id = ?", (dump(settings), definition.id)
            )

        return definition.settings, store
    kind = API_KEY if match["key"] else USAGE_PLAN
    item_id = match["key"] or match["plan"]
    item = read_item(tx, scope, kind, item_id)
    if item is None:
        raise NotFoundException("Invalid resource identifier specified")
    # The row is there: its age stays.
    return item, lambda document: put_item(tx, scope, kind, item_id, document, 0.0)
