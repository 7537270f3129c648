"""What may be a tag, and the tags that a request gives to what it makes.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html (restrictions); the sentences
are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sagehen.api.operation import Request
from sagehen.domain.system_tags import counted, is_reserved
from sagehen.services.ec2.errors import InvalidParameterValue, TagLimitExceeded
from sagehen.services.ec2.resources.kinds import Kind

_MOST_TAGS = 50
# What no answer in XML could show.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_KEY_LENGTH, _VALUE_LENGTH = 128, 256


def checked(tags: Iterable[Mapping[str, str]], present: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return tags, laid over those that are there.

    Raises:
        InvalidParameterValue: One that cannot be, or one key twice.
        TagLimitExceeded: They would be more than fifty.
    """
    added: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key"), tag.get("Value") or ""
        if not key:
            raise InvalidParameterValue("Tag key cannot be null or empty.")
        if is_reserved(key):
            raise InvalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use")
        if len(key) > _KEY_LENGTH:
            raise InvalidParameterValue(f"Tag key exceeds the maximum length of {_KEY_LENGTH} characters")
        if len(value) > _VALUE_LENGTH:
            raise InvalidParameterValue(f"Tag value exceeds the maximum length of {_VALUE_LENGTH} characters")
        if _FORBIDDEN.search(key) or _FORBIDDEN.search(value):
            raise InvalidParameterValue("Tags cannot hold control characters.")
        if key in added:
            raise InvalidParameterValue(f"Duplicate tag key '{key}' specified.")
        added[key] = value
    merged = {**(present or {}), **added}
    if counted(merged) > _MOST_TAGS:
        raise TagLimitExceeded("The maximum number of Tags for a resource has been reached.")
    return merged


def given(request: Request, kind: Kind, *others: Kind) -> dict[str, str]:
    """Return the tags that a request gives to what it makes.

    Args:
        kind: Of what the tags are for.
        others: Kinds that the operation makes, too.

    Raises:
        InvalidParameterValue: Tags for a kind that it does not make, or that cannot be.
        TagLimitExceeded.
    """
    wanted: list[Mapping[str, str]] = []
    for specification in request.get("TagSpecifications") or ():
        name = specification.get("ResourceType")
        if name not in (kind.name, *(other.name for other in others)):
            raise InvalidParameterValue(f"'{name}' is not a valid taggable resource type for this operation.")
        if name == kind.name:
            wanted += specification.get("Tags") or ()
    return checked(wanted)
