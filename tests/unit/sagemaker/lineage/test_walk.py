"""What a walk through the graph comes to, and what filters let through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage import walk as walking
from sagehen.services.sagemaker.lineage.nodes import Node
from sagehen.services.sagemaker.lineage.rows import Association
from sagehen.services.sagemaker.lineage.walk import passes, walk

HERE = Scope("123456789012", "us-east-1")
# Two jobs of one image; each makes a model of the same data; the first is deployed.
EDGES = "data>job1 image>job1 job1>model1 data>job2 image>job2 job2>model2 model1>deploy deploy>endpoint"


def association(text: str) -> Association:
    source, destination = text.split(">")
    return Association(HERE, source, destination, "", "", "ContributedTo", 0.0, True, {})


def neighbours(arns: Sequence[str], end: str) -> list[Association]:
    edges = [association(text) for text in EDGES.split()]
    return [edge for edge in edges if getattr(edge, end) in arns]


@pytest.mark.parametrize(
    ("start", "direction", "depth", "found"),
    [
        ("endpoint", "Ascendants", 10, "endpoint deploy model1 job1 data image"),
        ("endpoint", "Descendants", 10, "endpoint"),
        ("model1", "Descendants", 10, "model1 deploy endpoint"),
        ("data", "Descendants", 1, "data job1 job2"),
        ("data", "Descendants", 0, "data"),
        ("data", "Descendants", 2, "data job1 job2 model1 model2"),
        ("model2", "Both", 10, "model2 job2 data image job1 model1 deploy endpoint"),
    ],
)
def test_what_a_walk_comes_to(start: str, direction: str, depth: int, found: str) -> None:
    assert {arn for _, arn in walk([start], direction, depth, neighbours).in_order()} == set(found.split())


def test_a_walk_is_as_deep_as_it_may_be() -> None:
    def chain(arns: Sequence[str], end: str) -> list[Association]:
        return [association(f"{arn}>{int(arn) + 1}") for arn in arns if end == "source"]

    assert max(walk(["0"], "Descendants", 10_000, chain).depths.values()) == walking.MOST_DEPTH


def test_a_walk_in_a_circle_has_an_end_and_so_has_a_wide_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def circle(arns: Sequence[str], end: str) -> list[Association]:
        return [edge for edge in map(association, ("a>b", "b>a")) if getattr(edge, end) in arns]

    found = walk(["a"], "Both", 10, circle)
    assert (sorted(found.depths), sorted(found.edges)) == (["a", "b"], [("a", "b"), ("b", "a")])

    monkeypatch.setattr(walking, "MOST_NODES", 50)

    def star(arns: Sequence[str], end: str) -> list[Association]:
        return [association(f"a>{number}") for number in range(99) if "a" in arns and end == "source"]

    assert len(walk(["a"], "Both", 10, star).depths) == 50


EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
JOB = Node("arn", "TrialComponent", "SageMakerTrainingJob", "job", EARLY, LATE)
DATA = Node("arn", "Artifact", "DataSet", None, EARLY, EARLY, {"team": "owls"})


@pytest.mark.parametrize(
    ("node", "filters", "shown"),
    [
        (JOB, {}, True),
        (JOB, {"Types": ["TrainingJob"]}, True),
        (JOB, {"Types": ["SageMakerTrainingJob"]}, False),
        (JOB, {"LineageTypes": ["TrialComponent", "Artifact"]}, True),
        (JOB, {"LineageTypes": ["Artifact"], "Types": ["TrainingJob"]}, False),
        (JOB, {"CreatedAfter": EARLY, "ModifiedAfter": LATE}, True),
        (JOB, {"ModifiedBefore": EARLY}, False),
        (JOB, {"CreatedAfter": LATE}, False),
        (DATA, {"Types": ["DataSet", "Image"]}, True),
        (DATA, {"Properties": {"team": "owls"}}, True),
        (DATA, {"Properties": {"team": "cats"}}, False),
        (JOB, {"Properties": {"team": "owls"}}, False),
    ],
)
def test_what_filters_let_through(node: Node, filters: dict[str, Any], shown: bool) -> None:
    assert passes(node, filters) is shown
