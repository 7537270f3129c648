"""Nodes and edges of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Health(Enum):
    """The colour of a node, the worst last."""

    OK = "ok"
    STOPPED = "stopped"
    BUSY = "busy"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing.

    Args:
        kind: `bucket`, `training-job`, `processing-job`, `transform-job`, `model`, `endpoint`, `function`,
            `api`, `alarm`, `scaling-target` or `role`.
        name: By which AWS's operations know it.
        status: In AWS's words; '' where AWS has none.
        health: What to make of it.
        why: What is wrong, in a sentence; '' where nothing is.
        per_second: Requests, of the last minute or two; None where they are not counted.
        facts: What a picture may say beside it.
    """

    kind: str
    name: str
    arn: str = ""
    status: str = ""
    health: Health = Health.OK
    why: str = ""
    per_second: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return node_id(self.kind, self.name)

    def told(self) -> Mapping[str, Any]:
        """Return it as the document has it."""
        rate = None if self.per_second is None else round(self.per_second, 3)
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "arn": self.arn,
            "status": self.status,
            "health": self.health.value,
            "why": self.why,
            "perSecond": rate,
            "facts": {**self.facts},
        }


@dataclass(frozen=True, slots=True)
class Link:
    """An edge, with the permission that it needs.

    Args:
        source, target: Ids of nodes.
        relation: Such as `reads`, `invokes`, `scales`.
        action: The IAM action that it needs; '' where none is asked.
        resource: On what.
        role: The ARN of the role that needs it; '' where a resource's own policy decides.
        allowed: Whether that is so; None where it is not known, or nothing need be allowed.
        why: What is missing where it is not allowed.
    """

    source: str
    target: str
    relation: str
    action: str = ""
    resource: str = ""
    role: str = ""
    allowed: bool | None = None
    why: str = ""

    def told(self) -> Mapping[str, Any]:
        """Return it as the document has it."""
        members = asdict(self)
        return {"from": members.pop("source"), "to": members.pop("target"), **members}


def node_id(kind: str, name: str) -> str:
    """Return by what edges know a node."""
    return f"{kind}/{name}"


def worst(*healths: Health) -> Health:
    """Return the worst of some."""
    order = [*Health]
    return max(healths, key=order.index)
