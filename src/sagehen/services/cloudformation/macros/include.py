"""AWS::Include: a file in S3 in the place of the transform that names it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.services.cloudformation.errors import TransformFailed
from sagehen.services.cloudformation.templates.context import Context, NotYet, Unresolved
from sagehen.services.cloudformation.templates.functions import evaluate
from sagehen.services.cloudformation.templates.reading import read_fragment
from sagehen.services.cloudformation.templates.transforms import INCLUDE, Macro


async def included(
    macro: Macro, beside: Mapping[str, Any], context: Context, text_at: Callable[[str], Awaitable[str]]
) -> Any:
    """Return what a fragment becomes: the file's content, among what stands beside the transform.

    Args:
        context: Of the location: parameters and pseudo parameters.
        text_at: Reads a file of S3 with the caller's rights. Raises ServiceError.

    Raises:
        TransformFailed
    """
    try:
        location = evaluate(macro.parameters.get("Location"), context)
        if macro.parameters.keys() != {"Location"} or not isinstance(location, str):
            raise TransformFailed(INCLUDE, "The parameter Location must be the S3 URI of a file.")
        content = read_fragment(await text_at(location))
    except (Unresolved, NotYet) as error:
        raise TransformFailed(INCLUDE, str(error)) from None
    except TransformFailed:
        raise
    except ServiceError as error:
        raise TransformFailed(INCLUDE, error.message) from None
    if not beside:
        return content
    if not isinstance(content, dict):
        raise TransformFailed(INCLUDE, f"{location} must be a map: it is included beside other members.")
    return merged(beside, content)


def merged(document: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with a file's members; of what both have as a map, the members of each."""
    found = dict(document)
    for name, one in content.items():
        mine = found.get(name)
        found[name] = {**mine, **one} if isinstance(mine, dict) and isinstance(one, dict) else one
    return found
