"""Resource: one thing of EC2's, stored as it is described."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.ec2.resources.kinds import Kind

Body = dict[str, Any]


@dataclass(slots=True)
class Resource:
    """A resource, read from a row or about to become one.

    Args:
        scope: Its owner and region.
        kind: Of which kind.
        id: Such as `vpc-0a…`, 17 hexadecimal digits.
        body: Its members as a Describe operation shows them, without tags; what JSON can hold. Names that
            begin with a small letter are our own and never shown.
        tags: Key -> value.
        parent: The id of what it belongs to, for `View.of`.
        refers: The id of another resource that it names, for `View.referring`.
        number: Its place in every listing: they are in the order of creation.
    """

    scope: Scope
    kind: Kind
    id: str
    body: Body
    tags: dict[str, str] = field(default_factory=dict)
    parent: str = ""
    refers: str = ""
    number: int = 0

    @property
    def arn(self) -> str:
        return self.scope.arn("ec2", f"{self.kind.name}/{self.id}")

    @property
    def tag_list(self) -> list[dict[str, str]]:
        """Its tags as answers have them."""
        return tag_list(self.tags)

    def shown(self) -> Body:
        """Return its members as an answer has them, with its tags."""
        return {
            **{name: value for name, value in self.body.items() if not name[0].islower()},
            "Tags": self.tag_list,
        }


def stamp(moment: datetime) -> str:
    """Write a date as answers have it, with milliseconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags as answers have them, in the order of their keys."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
