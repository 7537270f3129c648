"""Which tags an entity may have: keys that AWS keeps to itself, keys given twice, how many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sagehen.api.operation import Request
from sagehen.domain.system_tags import counted, is_reserved, reserved
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.errors import InvalidInput, LimitExceeded

# Of users and roles alike.
# Documented: IAM User Guide, Tags for IAM resources.
MAX_TAGS = 50


# Keys of these are compared without case; of all other kinds they are what they are.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
WITHOUT_CASE = frozenset((Kind.USER, Kind.ROLE))


def checked_tags(tags: Sequence[Mapping[str, str]] | None, *, case: bool) -> dict[str, str]:
    """Return a list of tags as a mapping.

    Args:
        tags: As requests have them.
        case: Whether two keys that differ in nothing but case are two.

    Raises:
        InvalidInput: A key occurs twice, or is AWS's.
    """
    found: dict[str, str] = {}
    seen = set()
    for tag in tags or ():
        key = tag["Key"]
        compared = key if case else key.lower()
        if compared in seen:
            hint = "" if case else " Please note that Tag keys are case insensitive."
            raise InvalidInput(f"Duplicate tag keys found.{hint}")
        if is_reserved(key):
            raise InvalidInput("Tags starting with aws: are reserved.")
        seen.add(compared)
        found[key] = tag["Value"]
    return found


def tags_of(request: Request, kind: Kind) -> dict[str, str]:
    """Return the tags of a request about an entity of this kind.

    Raises:
        InvalidInput: As `checked_tags`.
    """
    return checked_tags(request.get("Tags"), case=kind not in WITHOUT_CASE)


def merged_tags(old: Mapping[str, str], new: Mapping[str, str], *, case: bool) -> dict[str, str]:
    """Return old tags under new ones.

    Raises:
        LimitExceeded
    """
    kept = without_tags(old, new, case=case) if not case else old
    merged = {**kept, **new}
    if counted(merged) > MAX_TAGS:
        raise LimitExceeded("The number of tags has reached the maximum limit.")
    return merged


def require_own(keys: Iterable[str]) -> None:
    """Check that no key is AWS's. InvalidInput where one is."""
    if reserved(keys):
        raise InvalidInput("Tags starting with aws: are reserved.")


def without_tags(tags: Mapping[str, str], keys: Iterable[str], *, case: bool) -> dict[str, str]:
    """Return tags without some keys; keys that are not there count for nothing (from memory)."""
    gone = {key if case else key.lower() for key in keys}
    return {key: value for key, value in tags.items() if (key if case else key.lower()) not in gone}
