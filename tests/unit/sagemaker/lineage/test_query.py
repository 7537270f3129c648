"""A query through pages of a graph in which many came of one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage.nodes import Node
from sagehen.services.sagemaker.lineage.query import LineageQueries
from sagehen.services.sagemaker.lineage.rows import Association

HERE = Scope("123456789012", "us-east-1")
AT = datetime(2026, 1, 1, tzinfo=UTC)
JOBS = [f"job{number:02}" for number in range(40)]
EDGES = [("start", "image"), *(("image", job) for job in JOBS)]


class Graph:
    """`start > image > job00 … job39`.

    Attributes:
        asked: How often a node was looked for.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def of(self, scope: Scope, arns: Sequence[str], end: str, most: int) -> list[Association]:
        at = 0 if end == "source" else 1
        return [
            Association(HERE, *edge, "", "", "ContributedTo", 0.0, True, {})
            for edge in EDGES
            if edge[at] in arns
        ]

    def require(self, scope: Scope, arn: str) -> Node:
        return Node(arn, "Artifact", "DataSet", None, AT, AT)

    def find(self, scope: Scope, arn: str) -> Node:
        self.asked[arn] += 1
        return self.require(scope, arn)


async def test_every_node_is_told_once_with_its_edges_and_looked_for_once_a_page() -> None:
    graph: Any = Graph()
    queries = LineageQueries(graph, graph)
    context: Any = SimpleNamespace(scope=HERE, departed=lambda: asyncio.sleep(3600))
    vertices: list[str] = []
    edges: list[tuple[str, str]] = []
    token = None
    while token is not None or not vertices:
        graph.asked.clear()
        request = {
            "StartArns": ["start"], "Direction": "Descendants", "IncludeEdges": True, "MaxResults": 15,
            "NextToken": token,
        }  # fmt: skip
        answer = await queries.query_lineage(context, request)
        vertices += [each["Arn"] for each in answer["Vertices"]]
        edges += [(each["SourceArn"], each["DestinationArn"]) for each in answer["Edges"]]
        token = answer["NextToken"]
        assert set(graph.asked.values()) == {1}
    assert (vertices, sorted(edges)) == (["start", "image", *JOBS], sorted(EDGES))
