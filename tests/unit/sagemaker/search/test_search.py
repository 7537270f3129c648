"""Search expressions over documents, their order, and their bounds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.bounded import turns
from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import ThrottlingException
from sagehen.services.sagemaker.search import asked as module
from sagehen.services.sagemaker.search.asked import Within
from sagehen.services.sagemaker.search.checking import check, check_visibility
from sagehen.services.sagemaker.search.expression import satisfies, visible
from sagehen.services.sagemaker.search.operations import Search
from sagehen.services.sagemaker.search.properties import names_of, values_at
from sagehen.services.sagemaker.search.ranking import Best, place_of
from sagehen.services.sagemaker.search.source import Source

JOB: dict[str, Any] = {
    "TrainingJobName": "owls-1",
    "TrainingJobStatus": "Completed",
    "EnableNetworkIsolation": False,
    "TrainingTimeInSeconds": 12,
    "CreationTime": datetime(2026, 11, 29, 12, 0, 0, 5, tzinfo=UTC),
    "HyperParameters": {"lr": "0.5", "epochs": "7", "opt.name": "sgd", "words": "many"},
    "ModelArtifacts": {"S3ModelArtifacts": "s3://b/owls-1/output/model.tar.gz"},
    "FinalMetricDataList": [{"MetricName": "val:acc", "Value": 0.9}],
    "Tags": [{"Key": "team", "Value": "red"}],
    "InputDataConfig": [
        {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/cats/"}}},
        {"ChannelName": "test", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/dogs/"}}},
    ],
}
COMPONENT: dict[str, Any] = {
    "Parameters": {"lr": {"NumberValue": 0.1}, "opt": {"StringValue": "sgd"}},
    "Metrics": [{"MetricName": "loss", "Max": 2.0, "Last": 1.0}],
}


def one(name: str, operator: str | None = None, value: str | None = None) -> dict[str, Any]:
    given = {"Name": name, "Operator": operator, "Value": value}
    return {"Filters": [{key: each for key, each in given.items() if each is not None}]}


@pytest.mark.parametrize(
    ("thing", "expression", "holds"),
    [
        (JOB, one("TrainingJobName", value="owls-1"), True),
        (JOB, one("TrainingJobName", value="Owls-1"), False),
        (JOB, one("TrainingJobName", "NotEquals", "owls-1"), False),
        (JOB, one("FailureReason", "NotEquals", "x"), True),
        (JOB, one("TrainingJobName", "Contains", "wls"), True),
        (JOB, one("TrainingJobName", "In", "a, owls-1"), True),
        (JOB, one("FailureReason", "Exists"), False),
        (JOB, one("FailureReason", "NotExists"), True),
        (JOB, one("Tags.team", value="red"), True),
        (JOB, one("Tags.team", "Exists"), True),
        (JOB, one("Tags.tea", "Exists"), False),
        (JOB, one("Metrics.val:acc", "GreaterThan", "0.8"), True),
        (JOB, one("Metrics.val:acc", "GreaterThan", "0.9"), False),
        (JOB, one("Metrics.val:acc", "GreaterThan", "nan"), False),
        (JOB, one("HyperParameters.lr", "LessThan", "0.6"), True),
        (JOB, one("HyperParameters.lr", "LessThan", "0.5"), False),
        (JOB, one("HyperParameters.lr", "LessThan", "1"), True),
        (JOB, one("HyperParameters.lr", "GreaterThanOrEqualTo", "0"), True),
        (JOB, one("HyperParameters.epochs", "GreaterThanOrEqualTo", "7"), True),
        (JOB, one("HyperParameters.words", "GreaterThan", "1"), False),
        (JOB, one("HyperParameters.opt.name", value="sgd"), True),
        (JOB, one("TrainingJobName", "GreaterThan", "1"), False),
        (JOB, one("TrainingTimeInSeconds", "LessThanOrEqualTo", "12"), True),
        (JOB, one("TrainingTimeInSeconds", value="12.0"), True),
        (JOB, one("EnableNetworkIsolation", value="False"), True),
        (JOB, one("CreationTime", "GreaterThan", "2026-11-29T11:59:59"), True),
        (JOB, one("CreationTime", "LessThan", "2026-11-29T12:00:00Z"), False),
        (JOB, one("CreationTime", "LessThan", "yesterday"), False),
        (JOB, one("CreationTime", value="2026-11-29T12:00:00"), True),
        (JOB, one("ModelArtifacts.S3ModelArtifacts", value="s3://b/owls-1/output/model.tar.gz"), True),
        (JOB, one("InputDataConfig.ChannelName", value="test"), True),
        (COMPONENT, one("Parameters.lr", "LessThan", "0.2"), True),
        (COMPONENT, one("Parameters.opt", value="sgd"), True),
        (COMPONENT, one("Metrics.loss", value="1"), True),
        (COMPONENT, one("Metrics.loss.Max", value="2"), True),
        (COMPONENT, one("metrics.loss.max", value="2"), True),
        (COMPONENT, one("Metrics.loss.Min", "Exists"), False),
    ],
)
def test_a_filter(thing: dict[str, Any], expression: dict[str, Any], holds: bool) -> None:
    assert satisfies(thing, expression) is holds


def nested(channel: str, words: str) -> dict[str, Any]:
    filters = [
        {"Name": "InputDataConfig.ChannelName", "Value": channel},
        {
            "Name": "InputDataConfig.DataSource.S3DataSource.S3Uri",
            "Operator": "Contains",
            "Value": words,
        },
    ]
    return {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": filters}]}


def test_nested_filters_are_of_one_object() -> None:
    assert satisfies(JOB, nested("train", "cats")) and not satisfies(JOB, nested("train", "dogs"))


def test_parts_are_joined_by_and_unless_it_says_or() -> None:
    yes, no = one("TrainingJobName", value="owls-1"), one("TrainingJobName", value="x")
    assert not satisfies(JOB, {"SubExpressions": [yes, no]})
    assert satisfies(JOB, {"SubExpressions": [yes, no], "Operator": "Or"})
    assert satisfies(JOB, {**yes, **nested("test", "dogs")})
    assert not satisfies(JOB, {**no, **nested("test", "dogs"), "Operator": "And"})


def deep(levels: int) -> dict[str, Any]:
    expression = one("TrainingJobName", value="x")
    for _ in range(levels):
        expression = {"SubExpressions": [expression]}
    return expression


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ({}, "at least one"),
        ({"SubExpressions": [{}]}, "at least one"),
        (one("Absent"), "Unknown property name: Absent"),
        (one("TrainingJobName"), "Value must be"),
        (one("TrainingJobName", "Exists", "x"), "must not be specified"),
        ({"Filters": one("TrainingJobName", value="x")["Filters"] * 51}, "at most 50"),
        (deep(60), "at most 50"),
        ({"NestedFilters": [{"NestedPropertyName": "X", "Filters": []}]}, "at most|Unknown property"),
        ({"Filters": one("RoleArn", "Contains", "x")["Filters"] * 2}, "'CONTAINS' operator usage limit of 1"),
    ],
)
def test_what_is_no_expression(expression: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        check(expression, "TrainingJob")


def test_names_of_trials_may_be_searched_for_several_parts() -> None:
    both = {
        "Filters": [
            *one("TrialName", "Contains", "owl")["Filters"],
            *one("TrialName", "Contains", "2")["Filters"],
        ]
    }
    check(both, "Trial")
    assert satisfies({"TrialName": "owls-2"}, both) and not satisfies({"TrialName": "owls-1"}, both)


def test_visibility_is_said_by_tags() -> None:
    check_visibility(["Tags.team"])
    with pytest.raises(ValidationException, match="must be in the format"):
        check_visibility(["TrainingJobName"])


def test_an_expression_may_be_as_deep_as_it_may_be_long() -> None:
    check(deep(49), "TrainingJob")
    assert not satisfies(JOB, deep(49))


def test_visibility_hides_what_says_otherwise_and_shows_what_says_nothing() -> None:
    assert visible(JOB, {"Tags.team": "red", "Tags.other": "x"})
    assert not visible(JOB, {"Tags.team": "blue"})


def test_names_that_users_chose_are_suggested() -> None:
    assert set(names_of(JOB)) >= {"HyperParameters.lr", "Tags.team", "Metrics.val:acc"}
    assert set(names_of(COMPONENT)) == {"Parameters.lr", "Parameters.opt", "Metrics.loss"}
    assert list(values_at(JOB, "InputDataConfig.ChannelName")) == ["train", "test"]


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_go_through_everything_once_in_order(ascending: bool) -> None:
    things = [{"V": value, "N": n} for n, value in enumerate([3, None, 1, "a", 2, 3, None, "b"] * 60)]
    after, seen = None, []
    while True:
        best = Best(7, ascending, after)
        for thing in things:
            best.add(place_of(thing, "V", f"{thing['N']:04}"), thing)
        page, after = best.first()
        seen += page
        assert best.count == len(things)
        if after is None:
            break
    in_order = sorted(
        things, key=lambda thing: place_of(thing, "V", f"{thing['N']:04}"), reverse=not ascending
    )
    assert seen == in_order


async def test_searches_go_on_one_after_the_other_and_who_gets_no_turn_is_told_to_ask_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []
    going, looking = threading.Event(), threading.Event()

    def look(scope: Scope, _: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        order.append(scope.account_id)
        looking.set()
        going.wait(30)
        yield from ()

    def ask(account: str) -> asyncio.Task[Any]:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        principal: Any = None
        context = RequestContext("r", "sagemaker", "Search", Scope(account, "r"), principal, now)
        return asyncio.create_task(search.search(context, {"Resource": "Model"}))

    search = Search({"Model": Source(look)})
    asked = [ask(account) for account in ("a", "a", "a", "b")]
    assert await asyncio.to_thread(looking.wait, 30)
    monkeypatch.setattr(turns, "MOST_OF_ONE", 2)
    with pytest.raises(ThrottlingException, match="Rate exceeded"):
        await ask("a")
    going.set()
    await asyncio.gather(*asked)
    assert order == ["a", "b", "a", "a"]


def test_a_search_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LOOKED_AT", 2)
    within = Within()
    assert [within.is_over() for _ in range(3)] == [False, False, True]
    monkeypatch.setattr(module, "MOST_S", -1.0)
    assert Within().is_over()
