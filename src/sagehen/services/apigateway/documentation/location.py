"""Where a documentation part belongs: a type of thing, and what tells which one.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html
"""

from __future__ import annotations

from typing import Any

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.errors import BadRequestException

_IN_RESPONSE = ("path", "method", "statusCode")
# The members that say which one, by type.
_MEMBERS: dict[str, tuple[str, ...]] = {
    "API": (),
    "AUTHORIZER": ("name",),
    "MODEL": ("name",),
    "RESOURCE": ("path",),
    "METHOD": ("path", "method"),
    "PATH_PARAMETER": ("path", "method", "name"),
    "QUERY_PARAMETER": ("path", "method", "name"),
    "REQUEST_HEADER": ("path", "method", "name"),
    "REQUEST_BODY": ("path", "method"),
    "RESPONSE": _IN_RESPONSE,
    "RESPONSE_HEADER": (*_IN_RESPONSE, "name"),
    "RESPONSE_BODY": _IN_RESPONSE,
}
# What a member that is left out stands for; a name has to be given.
_DEFAULTS = {"path": "/", "method": "*", "statusCode": "*"}


def checked_location(given: Any) -> Document:
    """Return a location with what was given of it.

    Raises:
        BadRequestException: A member that its type has not, or a name that is missing.
    """
    if not isinstance(given, dict) or given.get("type") not in _MEMBERS:
        raise BadRequestException("Invalid documentation part location specified")
    kind = given["type"]
    location = {name: str(value) for name, value in given.items() if value not in (None, "")}
    if surplus := location.keys() - {"type", *_MEMBERS[kind]}:
        raise BadRequestException(
            f"Invalid documentation part location specified: {', '.join(sorted(surplus))} cannot be specified"
            f" for type {kind}"
        )
    if "name" in _MEMBERS[kind] and "name" not in location:
        raise BadRequestException(
            f"Invalid documentation part location specified: name must be specified for type {kind}"
        )
    return location


def place(location: Document) -> tuple[str, ...]:
    """Return what makes two locations the same, defaults filled in."""
    kind = location["type"]
    return (kind, *(location.get(member, _DEFAULTS.get(member, "")) for member in _MEMBERS[kind]))
