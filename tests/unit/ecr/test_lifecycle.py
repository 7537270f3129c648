"""Lifecycle policies: their grammar, and which images go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.ecr.lifecycle.document import UnusablePolicy, read_policy
from sagehen.services.ecr.lifecycle.evaluation import expired
from sagehen.services.ecr.repositories.records import Image

DAY = 86_400.0


def image(name: str, age_days: float, *tags: str, refers_to: tuple[str, ...] = ()) -> Image:
    return Image(name, "m", None, None, 1, 100 * DAY - age_days * DAY, None, refers_to, tags)


def rule(priority: int, status: str, kind: str, count: int, **selection: Any) -> dict[str, Any]:
    if kind != "imageCountMoreThan":
        selection["countUnit"] = "days"
    chosen = {"tagStatus": status, "countType": kind, "countNumber": count, **selection}
    return {"rulePriority": priority, "selection": chosen, "action": {"type": "expire"}}


def gone(rules: list[dict[str, Any]], *images: Image) -> list[str]:
    found = expired(read_policy(json.dumps({"rules": rules})), images, 100 * DAY)
    return [each.image.digest for each in found]


IMAGES = (image("a", 1, "prod-1"), image("b", 2, "dev-1"), image("c", 3), image("d", 20, "prod-0", "x"))


@pytest.mark.parametrize(
    ("rules", "digests"),
    [
        ([rule(1, "any", "imageCountMoreThan", 1)], ["b", "c", "d"]),
        ([rule(1, "untagged", "sinceImagePushed", 2)], ["c"]),
        ([rule(1, "untagged", "sinceImagePushed", 3)], []),
        ([rule(1, "tagged", "sinceImagePushed", 10, tagPrefixList=["prod"])], ["d"]),
        ([rule(1, "tagged", "imageCountMoreThan", 1, tagPatternList=["*-1"])], ["b"]),
        ([rule(1, "tagged", "imageCountMoreThan", 1, tagPrefixList=["prod", "x"])], []),
        ([rule(1, "any", "sinceImagePulled", 10)], ["d"]),
        # What a rule matches without expiring it is none of a later one's.
        (
            [
                rule(1, "tagged", "imageCountMoreThan", 9, tagPrefixList=["prod"]),
                rule(2, "any", "imageCountMoreThan", 1),
            ],
            ["b", "c"],
        ),
    ],
)
def test_what_goes(rules: list[dict[str, Any]], digests: list[str]) -> None:
    assert gone(rules, *IMAGES) == digests


def test_what_an_index_refers_to_goes_after_it_or_stays_with_it() -> None:
    index = image("i", 5, "v1", refers_to=("p",))
    assert gone([rule(1, "any", "sinceImagePushed", 3)], image("p", 5), index) == ["i", "p"]
    assert gone([rule(1, "untagged", "sinceImagePushed", 3)], image("p", 5), index) == []


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [rule(1, "tagged", "imageCountMoreThan", 1)],
        [rule(1, "any", "imageCountMoreThan", 1, tagPrefixList=["a"])],
        [rule(1, "any", "imageCountMoreThan", 0)],
        [rule(1, "any", "imageCountMoreThan", 1, countUnit="days")],
        [rule(0, "any", "imageCountMoreThan", 1)],
        [rule(1, "some", "imageCountMoreThan", 1)],
        [rule(1, "untagged", "imageCountMoreThan", 1), rule(1, "any", "imageCountMoreThan", 1)],
        [rule(1, "any", "imageCountMoreThan", 1), rule(2, "untagged", "imageCountMoreThan", 1)],
        [rule(n, "tagged", "imageCountMoreThan", 1, tagPrefixList=["a"]) for n in range(1, 60)],
        [None],
        [{**rule(1, "any", "imageCountMoreThan", 1), "more": 1}],
        [{**rule(1, "any", "imageCountMoreThan", 1), "action": {"type": "delete"}}],
    ],
)
def test_what_is_no_policy(rules: list[Any]) -> None:
    with pytest.raises(UnusablePolicy):
        read_policy(json.dumps({"rules": rules}))


def test_an_archive_is_not_built() -> None:
    archived = rule(1, "any", "imageCountMoreThan", 1) | {"action": {"type": "transition"}}
    with pytest.raises(NotImplementedOperation):
        read_policy(json.dumps({"rules": [archived]}))
