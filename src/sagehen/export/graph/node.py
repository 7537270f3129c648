"""Node: one resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.export.graph.values import Key, Package, Ref, Setting, Text


@dataclass(frozen=True, slots=True)
class Node:
    """One resource, in CloudFormation's words.

    Args:
        key: Which.
        label: What its name in a template is made of.
        properties: See `values`.
        mentions: Texts by which others speak of it (its ARN) -> the attribute that stands for each.
        generated: Whether its ids are drawn by AWS: even a policy must refer to it then.
        part_of: Whose chain it belongs to, though those know nothing of it.
        after: What must be there first, though it is not spoken of.
    """

    key: Key
    label: str
    properties: Mapping[str, Any]
    mentions: Mapping[str, str] = field(default_factory=dict)
    generated: bool = False
    part_of: tuple[Key, ...] = ()
    after: tuple[Key, ...] = ()

    @property
    def type(self) -> str:
        return self.key.type


def leaves(value: Any) -> Iterator[Any]:
    """Yield what is no collection in a value; of a text, its parts."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, Text):
        yield from value.parts
    else:
        yield value


def references(node: Node) -> Iterator[Key]:
    """Yield the resources that must be there before this one, each once."""
    named = (leaf.key for leaf in leaves(node.properties) if isinstance(leaf, Ref))
    yield from dict.fromkeys(key for key in (*named, *node.after) if key != node.key)


def settings_of(node: Node) -> Iterator[Setting]:
    """Yield the settings that a node speaks of."""
    for leaf in leaves(node.properties):
        if isinstance(leaf, Setting):
            yield leaf
        elif isinstance(leaf, Package) and leaf.bucket is not None:
            yield leaf.bucket
