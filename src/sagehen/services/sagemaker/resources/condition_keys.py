"""SageMaker's condition keys, as the requests that make things determine them: what all kinds share. Pure.

What a request leaves to its default is `false` here as well: a Deny on `"Bool": {"sagemaker:…": "false"}`,
which AWS's own examples use, must meet requests that do not name the member.

Documented: Service Authorization Reference, Actions, resources, and condition keys for Amazon SageMaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sagehen.domain.access import ConditionValue

Keys = dict[str, ConditionValue]


def keys_of(members: Mapping[str, Any]) -> Keys:
    """Return the members that have a value under their names as keys: a key that is not set is not there.

    Args:
        members: Key without its prefix -> a value, or a tuple for a key of many values.
    """
    return {
        f"sagemaker:{name}": value if isinstance(value, tuple) else str(value)
        for name, value in members.items()
        if value not in (None, "", ())
    }


def network(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the keys of a request's VpcConfig."""
    vpc = request.get("VpcConfig") or {}
    return {
        "VpcSecurityGroupIds": tuple(vpc.get("SecurityGroupIds") or ()),
        "VpcSubnets": tuple(vpc.get("Subnets") or ()),
    }


def listed(things: Iterable[Mapping[str, Any]], member: str) -> tuple[str, ...]:
    """Return the values of a member in all of several structures, for a key of many values."""
    return tuple(str(thing[member]) for thing in things if thing.get(member) is not None)


def flag(value: Any) -> str:
    """Return a Boolean as IAM compares it; a member that is not named is `false`."""
    return str(bool(value)).lower()
