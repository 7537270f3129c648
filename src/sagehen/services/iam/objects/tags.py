"""Tags of things that are rows of `objects.records`: all compare keys with case (recorded)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.operation import Request
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.tags import checked_tags, merged_tags, require_own, without_tags
from sagehen.services.iam.objects.records import Stored

Replacement = Callable[[Stored], Stored]


def new_tags(request: Request) -> dict[str, str]:
    """Return the tags of a request that makes something.

    Raises:
        InvalidInput
    """
    return checked_tags(request.get("Tags"), case=True)


def tagging(request: Request) -> Replacement:
    """Return what a Tag… request does to a thing.

    Raises:
        InvalidInput: Of what is returned: LimitExceeded.
    """
    new = new_tags(request)
    return lambda stored: stored.with_body(tags=merged_tags(stored.body["tags"], new, case=True))


def untagging(request: Request) -> Replacement:
    """Return what an Untag… request does to a thing."""
    keys = request["TagKeys"]
    require_own(keys)
    return lambda stored: stored.with_body(tags=without_tags(stored.body["tags"], keys, case=True))


def tag_list(stored: Stored) -> list[dict[str, str]]:
    """Return the tags as answers have them, sorted by key."""
    return [{"Key": key, "Value": value} for key, value in sorted(stored.body["tags"].items())]


def tag_page(stored: Stored, request: Request) -> dict[str, Any]:
    """Return the answer of a List…Tags operation."""
    page = cut(tag_list(stored), request, lambda tag: tag["Key"], f"tags of {stored.name}")
    return answer(page, Tags=page.items)
