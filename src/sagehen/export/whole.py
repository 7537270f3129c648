"""Whole: an export, from what is asked to what writers and check lists take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sagehen.export.graph.chain import callers_of, chain
from sagehen.export.graph.exported import Exported, exported
from sagehen.export.graph.linking import linked
from sagehen.export.graph.node import Node
from sagehen.export.graph.rights import ROLE, with_used_rights
from sagehen.export.graph.used_policies import Uses
from sagehen.export.reading.account import everything, worth_exporting
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.left_out import count_left_out


@dataclass(frozen=True, slots=True)
class Whole:
    """An export.

    Args:
        told: What is written.
        granted: Its roles with the policies that they have here.
        used: What roles were let do, by name; None where nobody asked.
    """

    told: Exported
    granted: Sequence[Node]
    used: Mapping[str, Uses] | None


def read(
    asked: Asked,
    endpoint: str | None,
    uses: Callable[[Sequence[str]], Mapping[str, Uses]] | None = None,
) -> Whole:
    """Return what is to be exported.

    Args:
        endpoint: Whose chain; None: everything.
        uses: Tells what roles were let do, which is all that they may then; None: as granted.

    Raises:
        ValueError: There is no such endpoint, or nothing at all.
    """
    region, account_id = asked.region, asked.account_id
    raw = everything(asked)
    used = uses([node.key.identity for node in raw if node.type == ROLE]) if uses else None
    # What is not in it is spoken of by name: the data of other models are no parameters of a chain.
    chosen = _chosen(raw, asked, endpoint, used or {})
    given, unsaid = (chosen, []) if used is None else with_used_rights(chosen, used, region, account_id)
    if not chosen:
        raise ValueError("there is nothing here that a template could have")
    remarks = [*asked.remarks({node.key for node in chosen}), *unsaid]
    told = exported(linked(given, region, account_id), region, account_id, remarks)
    return Whole(told, [node for node in chosen if node.type == ROLE], used)


def _chosen(
    raw: Sequence[Node], asked: Asked, endpoint: str | None, used: Mapping[str, Uses]
) -> Sequence[Node]:
    """Return what is to be exported of all that there is, not linked."""
    nodes = linked(raw, asked.region, asked.account_id)
    if endpoint is None:
        count_left_out(asked)
        kept = worth_exporting(nodes)
    else:
        arn = f"arn:aws:sagemaker:{asked.region}:{asked.account_id}:endpoint/{endpoint}"
        kept = chain(nodes, endpoint, callers_of(raw, endpoint, arn, used))
    keys = {node.key for node in kept}
    return [node for node in raw if node.key in keys]
