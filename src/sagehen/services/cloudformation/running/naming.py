"""Naming: the name of a resource that the template leaves without one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sagehen.services.cloudformation.types.resource_type import ResourceType

# Letters of the random part.
_DRAWN = 12


def named(
    kind: ResourceType, stack_name: str, logical_id: str, draw: str, properties: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the properties with a name: `stack-logical-RANDOM`, cut where the service takes no longer one.

    Args:
        draw: What the random part is made of: another one gives another name.
    """
    if kind.naming is None or properties.get(kind.naming["property"]) is not None or "given" in kind.naming:
        return dict(properties)
    most, form = kind.naming["most"], kind.naming.get("form")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    digest = sha256(draw.encode()).digest()
    random = "".join(alphabet[byte % len(alphabet)] for byte in digest[:_DRAWN])
    stem = f"{stack_name}-{logical_id}"
    name = f"{stem[: max(1, most - _DRAWN - 1)].rstrip('-')}-{random}"
    if kind.naming.get("plain"):
        name = re.sub(r"[^A-Za-z0-9]", "", name)
    return {**properties, kind.naming["property"]: name.lower() if form == "lower" else name}


def is_drawn(kind: ResourceType, stack_name: str, logical_id: str, name: str) -> bool:
    """Tell whether a name is one that `named` gives, of a stack's and a resource's name: hardly another's."""
    if kind.naming is None or "given" in kind.naming:
        return False
    drawn = str(named(kind, stack_name, logical_id, "", {})[kind.naming["property"]])
    return len(name) == len(drawn) and name[:-_DRAWN] == drawn[:-_DRAWN]
