"""Order: what is made first, and what must wait for objects that somebody copies."""

from __future__ import annotations

from collections.abc import Collection

from sagehen.export.graph.node import Node, leaves, references
from sagehen.export.graph.values import Key, Package, Setting


def ordered(nodes: Collection[Node]) -> list[Node]:
    """Return nodes behind all that they refer to, else as they came.

    Raises:
        ValueError: They refer to one another in a circle.
    """
    left = {node.key: node for node in nodes}
    needs = {node.key: left.keys() & set(references(node)) for node in nodes}
    found: list[Node] = []
    while left:
        ready = next((key for key in left if not needs[key] & left.keys()), None)
        if ready is None:
            names = ", ".join(node.label for node in [*left.values()][:5])
            raise ValueError(f"these refer to one another in a circle: {names}")
        found.append(left.pop(ready))
    return found


def waits_for_objects(nodes: Collection[Node]) -> frozenset[Key]:
    """Return what can be made only when buckets are filled: what reads objects, and what refers to that."""
    late: set[Key] = set()
    for node in ordered(nodes):
        reads = not node.type.startswith("AWS::IAM::") and any(
            isinstance(leaf, Package) or (isinstance(leaf, Setting) and leaf.kind == "object")
            for leaf in leaves(node.properties)
        )
        if reads or late.intersection(references(node)):
            late.add(node.key)
    return frozenset(late)
