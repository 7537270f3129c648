"""Search, GetSearchSuggestions: the operations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sagehen.api.bounded.turns import NoTurn, Turns
from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import encode_token, sought
from sagehen.domain.access import Access
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import ThrottlingException
from sagehen.services.sagemaker.resources.listing import DEFAULT_MAX_RESULTS
from sagehen.services.sagemaker.search.expression import check, require_property, satisfies, visible
from sagehen.services.sagemaker.search.properties import names_of
from sagehen.services.sagemaker.search.ranking import Best, place_of
from sagehen.services.sagemaker.search.resources import MEMBERS, PROPERTIES

# Yields what there is of one resource, the newest first: its ARN, and what is told of it. In a thread.
Source = Callable[[Scope], Iterable[tuple[str, Mapping[str, Any]]]]

# Ours. Some 0.1 ms of a thread each, of long ones more; and no more than one search goes on.
MOST_LOOKED_AT = 20_000
MOST_S = 4.0
_MOST_SUGGESTIONS = 100


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
            NotImplementedOperation: Nothing of the kind exists here.
            ThrottlingException: Others search already, and there was no turn for it in 20 s.
        """
        resource = request["Resource"]
        source, member = self._source(resource), MEMBERS[resource]
        expression, sort_by = request.get("SearchExpression"), request.get("SortBy", "LastModifiedTime")
        if expression is not None:
            check(expression, PROPERTIES[member])
        if request.get("SortBy"):  # the default is of use where a shape lacks it, too
            require_property(sort_by, PROPERTIES[member])
        ascending = request.get("SortOrder") == "Ascending"
        listing = f"search {resource} {sort_by} {ascending}"
        after = sought(
            request.get("NextToken"), (int, float, str, str), listing=listing, error=ValidationException
        )
        if (
            request.get("CrossAccountFilterOption") == "CrossAccount"
        ):  # nothing is shared: there is no RAM here
            return {"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}}
        best = Best(request.get("MaxResults", DEFAULT_MAX_RESULTS), ascending, after)
        conditions = _conditions(request)

        def look() -> bool:
            within = Within()
            for arn, thing in source(context.scope):
                if within.is_over():
                    return False
                if (expression is None or satisfies(thing, expression)) and visible(thing, conditions):
                    best.add(place_of(thing, sort_by, arn), thing)
            return True

        async with self._turn(context):
            whole = await asyncio.to_thread(look)
        found, last = best.first()
        return {
            "Results": [{member: _shown(thing, PROPERTIES[member])} for thing in found],
            "NextToken": encode_token(last, listing=listing) if last else None,
            "TotalHits": {
                "Value": best.count,
                "Relation": "EqualTo" if whole else "GreaterThanOrEqualTo",
            },
        }

    @operation("GetSearchSuggestions")
    async def get_search_suggestions(self, context: RequestContext, request: Request) -> Request:
        """Return names of properties that begin as the hint does.

        Raises:
            NotImplementedOperation: Nothing of the kind exists here.
            ThrottlingException: As Search.
        """
        resource = request["Resource"]
        source = self._source(resource)
        query = (request.get("SuggestionQuery") or {}).get("PropertyNameQuery") or {}
        hint = query.get("PropertyNameHint", "")

        def look() -> list[str]:
            names = set(PROPERTIES[MEMBERS[resource]])
            within = Within()
            for _, thing in source(context.scope):
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

    def _source(self, resource: str) -> Source:
        if (source := self._sources.get(resource)) is None:
            raise NotImplementedOperation(f"Search for Resource {resource} is not implemented.")
        return source


class Within:
    """What one search may take, in a thread."""

    def __init__(self) -> None:
        self._left = MOST_LOOKED_AT
        self._until = time.thread_time() + MOST_S

    def is_over(self) -> bool:
        """Count one more, and tell whether it is too many."""
        self._left -= 1
        return self._left < 0 or time.thread_time() > self._until


def _shown(thing: Mapping[str, Any], properties: tuple[str, ...]) -> dict[str, Any]:
    return {name: thing[name] for name in properties if name in thing}
