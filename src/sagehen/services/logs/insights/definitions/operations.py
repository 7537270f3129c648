"""PutQueryDefinition, DescribeQueryDefinitions, DeleteQueryDefinition."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ids import Ids
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.insights.definitions.records import DefinitionRecords, QueryDefinition
from sagehen.services.logs.insights.queries.requested import check_language

_PAGE = 1000  # documented: API_DescribeQueryDefinitions, the most of maxResults
_PAGE_BYTES = 4 * 1024 * 1024  # ours
_KEPT = ("queryString", "logGroupNames")


class QueryDefinitions:
    """Texts of queries. AWS keeps them as they are, malformed ones too; consoles put them into StartQuery."""

    def __init__(self, records: DefinitionRecords, clock: Clock, ids: Ids) -> None:
        self._records = records
        self._clock = clock
        self._ids = ids

    @operation("PutQueryDefinition")
    async def put_query_definition(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Keep a text, in place of another where its id is given: nothing of that one stays.

        Raises:
            ResourceNotFoundException, LimitExceededException.
            NotImplementedOperation: Another language.
        """
        check_language("PutQueryDefinition", request)
        members = {name: request[name] for name in _KEPT if request.get(name)}
        if parameters := [_parameter(one) for one in request.get("parameters") or ()]:
            members["parameters"] = parameters
        given_id = request.get("queryDefinitionId")
        wanted = QueryDefinition(
            given_id or self._ids.uuid(),
            request["name"],
            members,
            epoch_ms(self._clock.now()),
            request.get("clientToken"),
        )
        if given_id:
            await self._records.replace(context.scope, wanted)
            return {"queryDefinitionId": given_id}
        return {"queryDefinitionId": await self._records.make(context.scope, wanted)}

    @operation("DescribeQueryDefinitions")
    async def describe_query_definitions(self, context: RequestContext, request: Request) -> Reply:
        """In order of name."""
        # In a thread: so many texts take more than the event loop has.
        return Reply(await asyncio.to_thread(self._described, context, request), is_large=True)

    def _described(self, context: RequestContext, request: Request) -> dict[str, Any]:
        prefix = request.get("queryDefinitionNamePrefix") or ""
        listing = f"query-definitions {prefix}"
        after = sought(request.get("nextToken"), (str, str), listing=listing, error=InvalidParameterException)
        limit = request.get("maxResults") or _PAGE
        if (request.get("queryLanguage") or "CWLI") != "CWLI":  # there are none in others
            return {"queryDefinitions": []}
        read, whole = self._records.page(
            context.scope,
            prefix,
            after=None if after is None else (after[0], after[1]),
            limit=limit + 1,
            most_bytes=_PAGE_BYTES,
        )
        page = page_read(read, whole, limit, key=lambda one: (one.name, one.id), listing=listing)
        return {
            "queryDefinitions": [
                {
                    "queryLanguage": "CWLI",
                    "queryDefinitionId": one.id,
                    "name": one.name,
                    "lastModified": one.modified_ms,
                    "logGroupNames": [],
                    **one.members,
                }
                for one in page.items
            ],
            "nextToken": page.next_token,
        }

    @operation("DeleteQueryDefinition")
    async def delete_query_definition(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Forget a text.

        Raises:
            ResourceNotFoundException.
        """
        await self._records.delete(context.scope, request["queryDefinitionId"])
        return {"success": True}


def _parameter(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parameter as it is kept; whoever runs the query puts its value into the text."""
    members = {name: given.get(name) for name in ("name", "defaultValue", "description")}
    return {name: value for name, value in members.items() if value is not None}
