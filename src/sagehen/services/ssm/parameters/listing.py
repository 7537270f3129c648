"""GetParametersByPath, DescribeParameters, GetParameterHistory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import encode_token, paginate, sought
from sagehen.services.ssm.errors import InvalidFilterValue, InvalidNextToken, ParameterNotFound
from sagehen.services.ssm.parameters.access import on_all, on_name, on_path
from sagehen.services.ssm.parameters.filters import Test, tests, under
from sagehen.services.ssm.parameters.finding import Finder, of_public
from sagehen.services.ssm.parameters.names import PUBLIC, check_path, reference
from sagehen.services.ssm.parameters.operations import Parameters
from sagehen.services.ssm.parameters.parameter import Parameter
from sagehen.services.ssm.parameters.records import ParameterRecords

# Documented: the most of each, and what is meant where nothing is said.
_BY_PATH, _DESCRIBED = 10, 50
_DESCRIBE_KEYS = ("tag", "Name", "Type", "KeyId", "Path", "Tier", "DataType")
_PATH_KEYS = ("Type", "KeyId", "Label")


class Listings:
    """What parameters there are.

    Args:
        records: One's own.
        finder: Knows what AWS publishes.
        parameters: Opens values.
    """

    def __init__(self, records: ParameterRecords, finder: Finder, parameters: Parameters) -> None:
        self._records = records
        self._finder = finder
        self._parameters = parameters

    @operation("GetParametersByPath", access=on_path)
    async def get_parameters_by_path(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a page of what lies under a path, directly or anywhere.

        Raises:
            ValidationException, InvalidFilterKey, InvalidFilterOption, InvalidFilterValue, InvalidKeyId,
            InvalidNextToken.
        """
        path, recursive = request["Path"], bool(request.get("Recursive"))
        check_path(path)
        asked = tests(request.get("ParameterFilters"), _PATH_KEYS)
        listing = f"path/{path}/{recursive}"
        found, token = await self._page(
            context,
            request,
            [lambda parameter, tags: under(parameter.name, path, recursive), *asked],
            prefix=path.rstrip("/") + "/",
            limit=request.get("MaxResults") or _BY_PATH,
            listing=listing,
        )
        shown = [item.shown(self._parameters.value(context, request, item)) for item in found]
        return {"Parameters": shown, "NextToken": token}

    @operation("DescribeParameters", access=on_all)
    async def describe_parameters(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a page of parameters without their values.

        Raises:
            InvalidFilterKey, InvalidFilterOption, InvalidFilterValue, InvalidNextToken.
        """
        filters = list(request.get("ParameterFilters") or ())
        if request.get("Filters"):  # the older form of the same
            if filters:
                raise InvalidFilterValue("Filters and ParameterFilters exclude one another.")
            filters = [
                {**item, "Option": "BeginsWith"} if item["Key"] == "Name" else item
                for item in request["Filters"]
            ]
        asked = tests(filters, _DESCRIBE_KEYS)
        if request.get("Shared"):
            return {"Parameters": []}  # nobody shares any here
        found, token = await self._page(
            context,
            request,
            asked,
            prefix=_prefix(filters),
            limit=request.get("MaxResults") or _DESCRIBED,
            listing="parameters",
        )
        return {"Parameters": [{**item.metadata(), "ARN": item.arn} for item in found], "NextToken": token}

    @operation("GetParameterHistory", access=on_name())
    async def get_parameter_history(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a page of versions, the oldest first.

        Raises:
            ParameterNotFound, InvalidKeyId, InvalidNextToken.
        """
        name = reference(request["Name"], context.scope).name
        versions = self._records.versions(context.scope, name)
        if not versions:
            raise ParameterNotFound
        page = paginate(
            versions,
            key=lambda version: version.version,
            token=request.get("NextToken"),
            limit=request.get("MaxResults") or _DESCRIBED,
            listing=f"history/{name}",
            error=InvalidNextToken,
        )
        shown = [
            {
                **version.metadata(),
                "Value": self._parameters.value(context, request, version),
                "Labels": list(version.labels),
            }
            for version in page.items
        ]
        return {"Parameters": shown, "NextToken": page.next_token}

    async def _page(
        self,
        context: RequestContext,
        request: Request,
        asked: list[Test],
        *,
        prefix: str,
        limit: int,
        listing: str,
    ) -> tuple[list[Parameter], str | None]:
        """Return a page and the token of the next one; off the event loop: much may be looked at for it."""
        start = sought(request.get("NextToken"), (str,), listing=listing, error=InvalidNextToken)
        after = start[0] if start else ""

        def read() -> list[Parameter]:
            found: list[Parameter] = []
            for parameter, tags in self._walk(context, prefix, after):
                if all(test(parameter, tags) for test in asked):
                    found.append(parameter)
                    if len(found) > limit:
                        break
            return found

        found = await asyncio.to_thread(read)
        more = len(found) > limit
        return found[:limit], encode_token(found[limit - 1].name, listing=listing) if more else None

    def _walk(
        self, context: RequestContext, prefix: str, after: str
    ) -> Iterator[tuple[Parameter, dict[str, str]]]:
        if not prefix.startswith(PUBLIC):
            for parameter, tags in self._records.walk(context.scope, prefix=prefix, after=after):
                yield parameter, dict(tags)
            return
        for name, published in self._finder.public.all(context.scope.region).items():
            if name > after and name.startswith(prefix):
                yield of_public(context.scope, published), {}


def _prefix(filters: list[Any]) -> str:
    """Return what every name begins with that the filters let pass."""
    for item in filters:
        values = list(item.get("Values") or ())
        by_name = item["Key"] == "Name" and item.get("Option") != "Contains"
        if len(values) == 1 and (by_name or item["Key"] == "Path"):
            return str(values[0])
    return ""
