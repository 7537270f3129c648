"""Search, GetSearchSuggestions: the operations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sagehen.api.bounded.turns import NoTurn, Turns
from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import sought
from sagehen.domain.access import Access
from sagehen.services.sagemaker.resources.errors import ThrottlingException
from sagehen.services.sagemaker.resources.listing import DEFAULT_MAX_RESULTS
from sagehen.services.sagemaker.search.asked import Asked, Within
from sagehen.services.sagemaker.search.checking import check, check_visibility, require_property
from sagehen.services.sagemaker.search.properties import names_of
from sagehen.services.sagemaker.search.resources import MEMBERS, PROPERTIES
from sagehen.services.sagemaker.search.source import Source

_MOST_SUGGESTIONS = 100
# Of what no operation here makes there is none, which is what AWS tells an account that has none.
NOTHING = Source(lambda _, __: ())


def _search_access(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    conditions = _conditions(request).items()
    keys = {f"sagemaker:SearchVisibilityCondition/{key}": value for key, value in conditions}
    yield Access("sagemaker:Search", "*", keys)


def _conditions(request: Request) -> dict[str, str]:
    return {each["Key"]: each.get("Value", "") for each in request.get("VisibilityConditions") or ()}


class Search:
    """Search, GetSearchSuggestions.

    Args:
        sources: Resource -> where it is found.
    """

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._turns = Turns(1)

    @operation("Search", access=_search_access)
    async def search(self, context: RequestContext, request: Request) -> Request:
        """Return one page of what satisfies an expression.

        Raises:
            ValidationException: It is none, or the token is not one of ours.
            ThrottlingException: Others search already, and there was no turn for it in 20 s.
        """
        asked = _asked(request, self._sources)
        if asked is None:
            return {"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}}
        async with self._turn(context):
            return await asyncio.to_thread(asked.answer, context.scope)

    @operation("GetSearchSuggestions")
    async def get_search_suggestions(self, context: RequestContext, request: Request) -> Request:
        """Return names of properties that begin as the hint does.

        Raises:
            ThrottlingException: As Search.
        """
        resource = request["Resource"]
        source = self._sources.get(resource, NOTHING)
        query = (request.get("SuggestionQuery") or {}).get("PropertyNameQuery") or {}
        hint = query.get("PropertyNameHint", "")

        def look() -> list[str]:
            names = {*PROPERTIES[MEMBERS[resource]]} if resource in MEMBERS else set()
            within = Within()
            for _, thing in source.look(context.scope, {}):
                if within.is_over():
                    break
                names.update(names_of(thing))
            return sorted(name for name in names if name.startswith(hint))[:_MOST_SUGGESTIONS]

        async with self._turn(context):
            names = await asyncio.to_thread(look)
        return {"PropertyNameSuggestions": [{"PropertyName": name} for name in names]}

    @asynccontextmanager
    async def _turn(self, context: RequestContext) -> AsyncIterator[None]:
        try:
            async with self._turns.turn(context.scope.account_id, context.departed):
                yield
        except NoTurn:
            raise ThrottlingException("Rate exceeded") from None


def _asked(request: Request, sources: Mapping[str, Source]) -> Asked | None:
    """Return what a request asks for, checked; None where there is nothing to look through.

    Raises:
        ValidationException: It asks for what there is not.
    """
    resource, expression, conditions = (
        request["Resource"],
        request.get("SearchExpression"),
        _conditions(request),
    )
    member, source = MEMBERS.get(resource, ""), sources.get(resource, NOTHING)
    check_visibility(conditions)
    sort_by, ascending = request.get("SortBy", source.sort_by), request.get("SortOrder") == "Ascending"
    if member and expression is not None:
        check(expression, member)
    if member and request.get("SortBy"):  # the default is of use where a shape lacks it, too
        require_property(sort_by, PROPERTIES[member])
    listing = f"search {resource} {sort_by} {ascending}"
    token = sought(
        request.get("NextToken"), (int, int, float, str, str), listing=listing, error=ValidationException
    )
    # Nothing is shared: there is no RAM here. Of some kinds nothing is ever made.
    if source is NOTHING or request.get("CrossAccountFilterOption") == "CrossAccount":
        return None
    return Asked(
        source, member, expression, conditions, sort_by, ascending, listing,
        most=request.get("MaxResults", DEFAULT_MAX_RESULTS),
        after=token[1:] if token else None,
        told=max(0, token[0]) if token else 0,
    )  # fmt: skip
