"""listed: what a Describe operation answers: those of the ids, of the filters, of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sagehen.api.operation import Reply, Request
from sagehen.api.pagination import paginate
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidNextToken,
    InvalidParameterCombination,
    InvalidParameterValue,
)
from sagehen.services.ec2.resources.filters import Source, select
from sagehen.services.ec2.resources.kinds import Kind
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View

# Documented: the usual bounds of MaxResults.
_FEWEST, _MOST = 5, 1000
# Descriptions that are written within some ms; more are written in a thread.
_LARGE_ANSWER = 200
Shown = Callable[[View, Resource], dict[str, Any]]


def plainly(view: View, resource: Resource) -> dict[str, Any]:
    """Describe a resource as it is stored."""
    return resource.shown()


def asked_for(view: View, kind: Kind, identifiers: Sequence[str] | None) -> list[Resource]:
    """Return the resources of these ids, or all; in the order of creation, each once.

    Raises:
        Ec2Error: `….NotFound` for an id that nothing has, `….Malformed` for what is none.
    """
    if not identifiers:
        return view.all(kind)
    if len(identifiers) > _MOST:
        raise InvalidParameterValue(f"At most {_MOST} ids can be given.")
    found = {identifier: view.find(kind, identifier) for identifier in identifiers}
    absent = [identifier for identifier, resource in found.items() if resource is None]
    for identifier in absent:
        kind.check(identifier)
    if len(absent) > 1 and "ID '{id}'" in kind.sentence:
        # Recorded by users of AWS: several are told in one sentence.
        raise Ec2Error(f"{kind.code}.NotFound", f"The {kind.noun} IDs '{', '.join(absent)}' do not exist")
    if absent:
        raise kind.not_found(absent[0])
    return sorted((item for item in found.values() if item is not None), key=lambda item: item.number)


def listed(
    view: View,
    request: Request,
    kind: Kind,
    *,
    answer: str,
    ids: str,
    filters: Mapping[str, Source],
    shown: Shown = plainly,
    fewest: int = _FEWEST,
) -> Reply:
    """Answer a Describe operation.

    Args:
        answer: The member of the answer that holds the list (`Vpcs`).
        ids: The member of the request that holds ids (`VpcIds`).
        filters: Filter's name -> where its value is.
        shown: Describes one.
        fewest: The least MaxResults.

    Raises:
        Ec2Error: No such id.
        InvalidParameterValue, InvalidParameterCombination, InvalidNextToken, FilterLimitExceeded.
    """
    check_page(request, ids, fewest=fewest)
    resources = asked_for(view, kind, request.get(ids))
    described = [{**shown(view, item), "": item.number} for item in resources]
    return page(select(described, request.get("Filters"), filters), request, answer, kind.name)


def check_page(request: Request, ids: str = "", *, fewest: int = _FEWEST, most: int = _MOST) -> None:
    """Check MaxResults and what it excludes.

    Raises:
        InvalidParameterValue, InvalidParameterCombination.
    """
    limit = request.get("MaxResults")
    if limit is None:
        return
    if not fewest <= limit <= most:
        raise InvalidParameterValue(
            f"Value ( {limit} ) for parameter maxResults is invalid. Expecting a value "
            f"{'greater than ' + str(fewest) if limit < fewest else 'less than ' + str(most)}."
        )
    if ids and request.get(ids):
        name = ids[0].lower() + ids[1:]
        raise InvalidParameterCombination(
            f"The parameter {name} cannot be used with the parameter maxResults"
        )


def page(described: Iterable[Any], request: Request, answer: str, listing: str) -> Reply:
    """Cut a page out of descriptions that hold their place in the listing under the name `""`.

    Raises:
        InvalidNextToken.
    """
    items = list(described)
    limit = request.get("MaxResults") or _MOST
    cut = paginate(
        items, key=lambda item: item[""], token=request.get("NextToken"), limit=limit, listing=listing,
        error=InvalidNextToken,
    )  # fmt: skip
    for item in cut.items:
        del item[""]
    return Reply({answer: cut.items, "NextToken": cut.next_token}, is_large=len(cut.items) > _LARGE_ANSWER)


def numbered(described: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give what is stored nowhere its place in a listing."""
    return [{**item, "": number} for number, item in enumerate(described)]
