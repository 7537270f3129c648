"""Exported: all that a writer needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.export.graph.names import Names, camel
from sagehen.export.graph.node import Node, leaves, settings_of
from sagehen.export.graph.order import ordered, waits_for_objects
from sagehen.export.graph.values import Key, Package, Setting

# What a name says of its kind, where the type's own last word would not do.
_NOUNS = {
    "AWS::ApiGateway::RestApi": "Api",
    "AWS::ApiGateway::Resource": "Path",
    "AWS::IAM::ManagedPolicy": "Policy",
    "AWS::SSM::Parameter": "StoredParameter",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A graph in order, with names.

    Args:
        nodes: Each behind what it refers to.
        names: A name for each, unique: `ClassifierOneEndpoint`.
        settings: What differs between accounts, by name.
        late: Nodes that wait for objects.
        remarks: What only exists here, or is left out, in sentences.
        region, account_id: Where it was read.
    """

    nodes: Sequence[Node]
    names: Mapping[Key, str]
    settings: Sequence[Setting]
    late: frozenset[Key]
    region: str
    account_id: str
    remarks: Sequence[str] = field(default=())

    @property
    def packages(self) -> Collection[Package]:
        """The packages of functions and layers, each file once."""
        found = [leaf for node in self.nodes for leaf in leaves(node.properties) if isinstance(leaf, Package)]
        return {package.file: package for package in found}.values()

    def of_kind(self, kind: str) -> list[Setting]:
        """Return the settings of a kind."""
        return [setting for setting in self.settings if setting.kind == kind]


def exported(nodes: Sequence[Node], region: str, account_id: str, remarks: Sequence[str] = ()) -> Exported:
    """Put linked nodes in order and name them.

    Raises:
        ValueError: They refer to one another in a circle.
    """
    in_order = ordered(nodes)
    settings = dict.fromkeys(setting for node in in_order for setting in settings_of(node))
    names: dict[Key, str] = {}
    given = Names(setting.name for setting in settings)
    for node in in_order:
        noun = _NOUNS.get(node.type, node.type.rpartition("::")[2])
        label = camel(node.label)
        names[node.key] = given.new(label if label.endswith(noun) else f"{label}{noun}")
    return Exported(
        nodes=in_order,
        names=names,
        settings=sorted(settings, key=lambda setting: (setting.default is not None, setting.name)),
        late=waits_for_objects(in_order),
        region=region,
        account_id=account_id,
        remarks=remarks,
    )
