"""UsedResources: on what an identity used an action, as few patterns. Pure.

Of each action a few resources are remembered as they are. Beyond that those that lie together become one
pattern: the objects of a folder, then of a bucket; the endpoints of an account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

# As many as a person would still list in a policy.
MOST = 16
# Of an ARN, before what its service calls the resource.
_FIELDS = 5


@dataclass(slots=True)
class UsedResources:
    """Resources of one action.

    Args:
        exact: As they are.
        starts: What resources began with that are remembered no more.
    """

    exact: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)

    def note(self, resource: str, most: int = MOST) -> bool:
        """Remember one; tell whether that changed anything."""
        if resource in self.exact or any(resource.startswith(start) for start in self.starts):
            return False
        self.exact.add(resource)
        while len(self.exact) + len(self.starts) > most:
            self._gather()
        return True

    def patterns(self) -> list[str]:
        """Return them as policies name them: what stands for itself is escaped (documented: `${*}`)."""
        return sorted(
            [*map(_literal, self.exact), *(f"{_literal(start)}*" for start in self.starts)],
        )

    def _gather(self) -> None:
        """Put the most that lie together under one start."""
        groups: dict[str, int] = {}
        for one in (*self.exact, *self.starts):
            groups[start_of(one)] = groups.get(start_of(one), 0) + 1
        # The longest of the largest: what is allowed grows as little as it can.
        start = max(groups, key=lambda one: (groups[one], len(one)))
        self.exact = {one for one in self.exact if not one.startswith(start)}
        self.starts = {one for one in self.starts if not one.startswith(start)} | {start}


def start_of(resource: str) -> str:
    """Return what a resource and its neighbours begin with: up to the last `/` or `:` before its name.

    Worked example: an object's is its folder, a folder's the one above, a bucket's `arn:aws:s3:::`, and of
    that everything.
    """
    fields = resource.split(":", _FIELDS)
    if len(fields) <= _FIELDS:
        return ""
    own = fields[_FIELDS].rstrip("/:")
    cut = max(own.rfind("/"), own.rfind(":")) + 1
    before = ":".join(fields[:_FIELDS]) + ":"
    return before + own[:cut] if own else ""


def _literal(resource: str) -> str:
    if resource == "*":  # of an action that is about no resource
        return resource
    return "".join(f"${{{char}}}" if char in "*?$" else char for char in resource)


def total(every: Iterable[UsedResources]) -> int:
    """Return how many resources and starts are remembered."""
    return sum(len(one.exact) + len(one.starts) for one in every)
