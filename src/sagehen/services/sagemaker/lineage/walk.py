"""What a query finds: the graph, walked from where it begins, nearest first. Pure but for what it asks.

Documented (Querying Lineage Entities): with Both the walk goes both ways from each node that it comes to, not
only from the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.services.sagemaker.lineage.nodes import Node
from sagehen.services.sagemaker.lineage.rows import Association

# Ours: one image can have any number of jobs, and a walk both ways comes to all of them.
MOST_NODES = 5_000
# Documented: "The maximum depth of relationships to discover is currently limited to 10".
MOST_DEPTH = 10
_ENDS = {"Ascendants": ("destination",), "Descendants": ("source",), "Both": ("destination", "source")}
# (ARNs, which end of an association they are) -> associations.
Neighbours = Callable[[Sequence[str], str], Sequence[Association]]


@dataclass(slots=True)
class Walk:
    """What was come to.

    Args:
        depths: ARN -> how far it is from the beginning.
        edges: By their ends.
    """

    depths: dict[str, int] = field(default_factory=dict)
    edges: dict[tuple[str, str], Association] = field(default_factory=dict)

    def in_order(self) -> list[tuple[int, str]]:
        """Return (depth, ARN), the nearest first."""
        return sorted((depth, arn) for arn, depth in self.depths.items())


def walk(starts: Sequence[str], direction: str, depth: int, neighbours: Neighbours) -> Walk:
    """Walk the graph."""
    found = Walk(dict.fromkeys(starts, 0))
    reached = list(starts)
    for distance in range(1, min(depth, MOST_DEPTH) + 1):
        coming: list[str] = []
        for end in _ENDS[direction]:
            for edge in neighbours(reached, end) if reached else ():
                other = edge.source if end == "destination" else edge.destination
                if other not in found.depths:
                    if len(found.depths) >= MOST_NODES:
                        continue
                    found.depths[other] = distance
                    coming.append(other)
                found.edges[edge.source, edge.destination] = edge
        reached = coming
    return found


def passes(node: Node, filters: Mapping[str, Any]) -> bool:
    """Tell whether a query's Filters let a node be shown."""
    return (
        (not filters.get("LineageTypes") or node.word in filters["LineageTypes"])
        and (not filters.get("Types") or node.vertex_type in filters["Types"])
        and _within(node.created_at, filters.get("CreatedAfter"), filters.get("CreatedBefore"))
        and _within(node.modified_at, filters.get("ModifiedAfter"), filters.get("ModifiedBefore"))
        and all(
            node.properties.get(name) == value for name, value in (filters.get("Properties") or {}).items()
        )
    )


def _within(at: Any, after: Any, before: Any) -> bool:
    return (after is None or at >= after) and (before is None or at <= before)
