"""Pages and shapes of answers: what every resource's listing shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sagehen.api.operation import Request
from sagehen.api.pagination import paginate
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.errors import BadRequestException

# Both documented of every listing, such as GetUsage, limit.
DEFAULT_LIMIT = 25
MAX_LIMIT = 500

_DATES = ("createdDate", "lastUpdatedDate")


def page(
    items: Sequence[Document], request: Request, key: Callable[[Document], Any], listing: str
) -> dict[str, Any]:
    """Return one page as `items` and `position`. `items` are sorted by `key` already."""
    limit = request.get("limit") or DEFAULT_LIMIT
    if not 0 < limit <= MAX_LIMIT:
        # From memory.
        raise BadRequestException("Invalid limit specified, must be between 1 and 500")
    cut = paginate(
        items,
        key=key,
        token=request.get("position"),
        limit=limit,
        listing=listing,
        error=BadRequestException,
    )
    return {"items": [shown(item) for item in cut.items], "position": cut.next_token}


def shown(document: Document) -> Document:
    """Return a stored document as the serializer wants it: dates as dates, in whole seconds as AWS's are."""
    answer = dict(document)
    for member in _DATES:
        if member in answer:
            answer[member] = datetime.fromtimestamp(int(answer[member]), UTC)
    return answer


def by_name(document: Document) -> Any:
    """The key of listings in the order of names."""
    return document["name"]


def by_id(document: Document) -> Any:
    """The key of listings in the order of ids."""
    return document["id"]


def by_age(document: Document) -> Any:
    """The key of listings in the order of making."""
    return (document["createdDate"], document["id"])
