"""QueryLineage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sagehen.api.bounded.turns import NoTurn, Turns
from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import encode_token, sought
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage.association_records import AssociationRecords
from sagehen.services.sagemaker.lineage.nodes import Node, Nodes
from sagehen.services.sagemaker.lineage.rows import Association
from sagehen.services.sagemaker.lineage.walk import MOST_DEPTH, Walk, passes, walk
from sagehen.services.sagemaker.resources.errors import ThrottlingException

# Documented: the model's most.
_MOST_RESULTS = 50
# The LineageTypes that a vertex can have.
_SHOWN = ("TrialComponent", "Artifact", "Context", "Action")
# How far from the beginning, and the ARN.
Place = tuple[int, str]
# What is shown of a place, or None.
Shown = Callable[[Place], Node | None]
# Of one step of a walk, and how many nodes one statement asks for.
_MOST_EDGES = 20_000
_AT_ONCE = 500


class LineageQueries:
    """QueryLineage. A walk goes on in a thread, one at a time."""

    def __init__(self, associations: AssociationRecords, nodes: Nodes) -> None:
        self._associations = associations
        self._nodes = nodes
        self._turns = Turns(1)

    @operation("QueryLineage")
    async def query_lineage(self, context: RequestContext, request: Request) -> Request:
        """Return one page of what is before or after an entity, and the associations between.

        Raises:
            ResourceNotFound: There is no such entity.
            ValidationException: StartArns is empty, or the token is not one of ours.
            ThrottlingException: Others query already, and there was no turn for it in time.
        """
        starts = request.get("StartArns") or ()
        if not starts:
            raise ValidationException("StartArns must contain an ARN.")
        began = [self._nodes.require(context.scope, arn).arn for arn in starts]
        try:
            async with self._turns.turn(context.scope.account_id, context.departed):
                return await asyncio.to_thread(self._look, context.scope, began, request)
        except NoTurn:
            raise ThrottlingException("Rate exceeded") from None

    def _look(self, scope: Scope, starts: Sequence[str], request: Request) -> Request:
        direction, filters = request.get("Direction") or "Both", request.get("Filters") or {}
        listing = f"lineage {direction} {starts}"
        after = sought(request.get("NextToken"), (int, str), listing=listing, error=ValidationException)

        def neighbours(arns: Sequence[str], end: str) -> list[Association]:
            parts = [arns[first : first + _AT_ONCE] for first in range(0, len(arns), _AT_ONCE)]
            return [edge for part in parts for edge in self._associations.of(scope, part, end, _MOST_EDGES)]

        depth = request.get("MaxDepth")
        found = walk(starts, direction, MOST_DEPTH if depth is None else max(0, depth), neighbours)
        most = request.get("MaxResults") or _MOST_RESULTS

        @cache  # of a hub that is not on the page each association would ask again
        def shown_at(place: Place) -> Node | None:
            return self._shown(scope, place, filters)

        shown, more = _page(found, shown_at, None if after is None else (after[0], after[1]), most)
        last = (found.depths[shown[-1].arn], shown[-1].arn) if more else None
        return {
            "Vertices": [_vertex(node) for node in shown],
            "Edges": _edges(found, shown, shown_at) if request.get("IncludeEdges") else [],
            "NextToken": encode_token(last, listing=listing) if last else None,
        }

    def _shown(self, scope: Scope, place: Place, filters: Mapping[str, Any]) -> Node | None:
        # Where it begins is shown where nothing is filtered: the SDK's picture marks it.
        if place[0] == 0 and any(filters.values()):
            return None
        node = self._nodes.find(scope, place[1])
        if node is None or node.word not in _SHOWN or not passes(node, filters):
            return None
        return node


def _page(found: Walk, shown_at: Shown, after: Place | None, most: int) -> tuple[list[Node], bool]:
    """Return the nodes of a page, and whether more follow."""
    shown: list[Node] = []
    for place in found.in_order():
        if after is not None and place <= after:
            continue
        if (node := shown_at(place)) is None:
            continue
        if len(shown) == most:
            return shown, True
        shown.append(node)
    return shown, False


def _edges(found: Walk, shown: Sequence[Node], shown_at: Shown) -> list[dict[str, Any]]:
    """Return the associations of a page: their farther end is on it, their nearer one there or before."""
    on_page = {node.arn for node in shown}
    told = []
    for edge in found.edges.values():
        nearer, farther = sorted((found.depths[arn], arn) for arn in (edge.source, edge.destination))
        if farther[1] in on_page and (nearer[1] in on_page or shown_at(nearer) is not None):
            told.append(
                {
                    "SourceArn": edge.source,
                    "DestinationArn": edge.destination,
                    "AssociationType": edge.type or None,
                }
            )
    return told


def _vertex(node: Node) -> dict[str, Any]:
    return {"Arn": node.arn, "Type": node.vertex_type or None, "LineageType": node.word}
