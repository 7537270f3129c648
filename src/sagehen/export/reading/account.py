"""Everything that an account has and a template can have."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.export.graph.node import Node, references
from sagehen.export.reading.apis import apis
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.buckets import buckets
from sagehen.export.reading.functions import functions
from sagehen.export.reading.hosting import hosting
from sagehen.export.reading.observability import observability
from sagehen.export.reading.others import others
from sagehen.export.reading.plans import plans
from sagehen.export.reading.roles import OURS, roles
from sagehen.export.reading.scaling import scaling

_READERS = (buckets, roles, hosting, scaling, functions, apis, plans, observability, others)


def everything(asked: Asked) -> list[Node]:
    """Return the nodes of an account in one region, not linked yet."""
    return [node for reader in _READERS for node in reader(asked)]


def worth_exporting(nodes: Sequence[Node]) -> list[Node]:
    """Return linked nodes without the role that Sagehen makes in each account, where nothing refers to it."""
    wanted = {key for node in nodes for key in references(node)}
    return [node for node in nodes if node.key != OURS or node.key in wanted]
