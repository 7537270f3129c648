"""On which nodes of somebody else's Ray an agent is started now, and on which one ends; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sagehen.cluster.ray.client import SeenNode

# Agents of the platform's last life dial again within 7.5 s (`links.client`), and need no second one.
_GRACE_S = 8.0
# Each has a token of its own, of which 64 are kept (`authority.tokens.MOST_TOKENS`); and each loads Python.
_AT_ONCE = 8
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5.0, 300.0
_MOST_DOUBLINGS = 6


@dataclass(frozen=True, slots=True)
class Try:
    """What came of starting an agent on a node.

    Args:
        count: How often in a row it was tried.
        ended: When the last try ended, monotonic; None while it goes on.
        reason: Why there is none; empty: it was linked.
    """

    count: int = 1
    ended: float | None = None
    reason: str = ""

    def ended_at(self, now: float, reason: str) -> Try:
        """Return it as it is once it has ended."""
        return replace(self, ended=now, reason=reason)

    def again(self) -> Try:
        """Return the next one."""
        return Try(self.count + 1 if self.reason else 1)

    def is_due(self, now: float) -> bool:
        """Whether it is time to try again.

        Worked example: after the third failure in a row, 20 s later.
        """
        if self.ended is None:
            return False
        # A node without Sagehen is tried for as long as it is there: some 2,000 times a week.
        doublings = min(self.count - 1, _MOST_DOUBLINGS)
        pause_s = min(_FIRST_PAUSE_S * 2.0**doublings, _LONGEST_PAUSE_S)
        return now - self.ended >= pause_s


def due(
    seen: Iterable[SeenNode],
    tries: Mapping[str, Try],
    *,
    linked: Collection[str],
    removed: Collection[str],
    now: float,
    since: float,
) -> list[str]:
    """Return the nodes on which an agent is to be started.

    Args:
        seen: Ray's nodes.
        linked: Nodes whose agents are there.
        removed: Nodes that the operator wants no more.
        now, since: Monotonic: now, and when links were first taken.
    """
    if now - since < _GRACE_S:
        return []
    room = _AT_ONCE - sum(each.ended is None for each in tries.values())
    found = [
        node.name
        for node in seen
        if node.alive and node.name not in linked and node.name not in removed
        if node.name not in tries or tries[node.name].is_due(now)
    ]
    return found[: max(0, room)]


def over(seen: Iterable[SeenNode], *, linked: Collection[str], running: Collection[str]) -> list[str]:
    """Return the nodes that Ray counts no more, and on which nothing runs: their agents end.

    Args:
        running: Nodes on which something runs.
    """
    alive = {node.name for node in seen if node.alive}
    return sorted(name for name in linked if name not in alive and name not in running)


def problem_of(seen: Iterable[SeenNode], tries: Mapping[str, Try], linked: Collection[str]) -> str | None:
    """Return why nodes of that Ray have no agent; None where all have one, or will at once."""
    told = [
        f"{node.name} ({node.address}) takes nothing: {tries[node.name].reason}"
        for node in seen
        if node.alive and node.name not in linked and node.name in tries and tries[node.name].reason
    ]
    return "; ".join(told) or None
