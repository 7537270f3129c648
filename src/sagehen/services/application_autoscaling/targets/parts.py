"""Pages of what belongs to targets: policies and scheduled actions, with the same filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.api.pagination import encode_token, sought
from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.errors import InvalidNextTokenException, ValidationException
from sagehen.services.application_autoscaling.targets.target import TargetKey

_BITE = 100  # rows looked at together


class Part(Protocol):
    """Something with a name of its own on a target."""

    @property
    def key(self) -> TargetKey:
        """The target."""
        ...

    @property
    def name(self) -> str:
        """Unique there."""
        ...


P = TypeVar("P", bound=Part)
# Reads a namespace's parts behind (resource id, dimension, name), in that order, so many at the most.
Read = Callable[[Scope, str, tuple[str, str, str], int], list[P]]


def page_of_parts(
    read: Read[P], context: RequestContext, request: Request, names_member: str, most: int
) -> tuple[list[P], str | None]:
    """Return a page and the token of the next.

    Args:
        read: Of the records.
        context: Of the request.
        request: A Describe operation's input.
        names_member: Which of its members holds the names to show.
        most: Parts on a page where MaxResults says nothing.

    Raises:
        ValidationException: A dimension without its resource.
        InvalidNextTokenException: The token is not one of this listing.
    """
    namespace, resource_id = request["ServiceNamespace"], request.get("ResourceId")
    dimension, names = request.get("ScalableDimension"), request.get(names_member) or []
    require_resource(dimension, resource_id)
    listing = f"{names_member} {namespace} {resource_id} {dimension} {sorted(names)}"
    after = sought(
        request.get("NextToken"), (str, str, str), listing=listing, error=InvalidNextTokenException
    )
    limit = page_size(request, most)
    found: list[P] = []
    place = after or ("", "", "")
    while len(found) <= limit and (bite := read(context.scope, namespace, place, _BITE)):
        found += [
            one
            for one in bite
            if resource_id in (None, one.key.resource_id)
            and dimension in (None, one.key.dimension)
            and (not names or one.name in names)
        ]
        place = _place(bite[-1])
    page = found[:limit]
    return page, encode_token(_place(page[-1]), listing=listing) if len(found) > limit else None


def page_size(request: Request, most: int) -> int:
    """Return how many items a page has: MaxResults, but no more than `most`, which is also what nothing says.

    Raises:
        ValidationException: It is not positive. The range is the API reference's, the wording AWS's usual
            one; more than the most is cut, as the reference says "up to".
    """
    wanted: int | None = request.get("MaxResults")
    if wanted is not None and wanted < 1:
        raise ValidationException(
            f"1 validation error detected: Value '{wanted}' at 'maxResults' failed to satisfy constraint:"
            " Member must have value greater than or equal to 1"
        )
    return most if wanted is None else min(wanted, most)


def require_resource(dimension: str | None, resource: object) -> None:
    """Check what the API reference says of every Describe operation: a dimension goes with a resource.

    Raises:
        ValidationException: It does not. Wording: the API reference's own sentence.
    """
    if dimension and not resource:
        raise ValidationException("If you specify a scalable dimension, you must also specify a resource ID.")


def _place(part: Part) -> tuple[str, str, str]:
    return part.key.resource_id, part.key.dimension, part.name
