"""What `sagehen down` says of what it stops."""

from __future__ import annotations

from typing import Any, cast

from botocore.exceptions import EndpointConnectionError

from sagehen.cli.down import at_work
from sagehen.cli.running import RunningPlatform


class Pages:
    def __init__(self, answers: dict[str, list[dict[str, Any]]]) -> None:
        self.answers = answers

    def client(self, service: str) -> Pages:
        return self

    def get_paginator(self, operation: str) -> Any:
        answers = self.answers

        class Paginator:
            def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
                assert (operation == "list_training_jobs") == (arguments == {"StatusEquals": "InProgress"})
                return answers[operation]

        return Paginator()


def lines(**answers: list[dict[str, Any]]) -> list[str]:
    return at_work(cast(RunningPlatform, Pages(answers)))


def test_everything_at_work_is_named() -> None:
    functions = [{"FunctionName": f"f{number}"} for number in range(7)]
    assert lines(
        list_training_jobs=[
            {"TrainingJobSummaries": [{"TrainingJobName": "one"}]},
            {"TrainingJobSummaries": [{"TrainingJobName": "two"}]},
        ],
        list_endpoints=[{"Endpoints": [{"EndpointName": "dogs"}]}],
        list_functions=[{"Functions": functions}],
    ) == [
        "training job one: is started again, with the checkpoints that it wrote",
        "training job two: is started again, with the checkpoints that it wrote",
        "endpoint dogs: is started again",
        "7 functions (f0, f1, f2, f3, f4 …): start when called",
    ]


def test_nothing_at_work() -> None:
    assert lines(
        list_training_jobs=[{"TrainingJobSummaries": []}],
        list_endpoints=[{"Endpoints": []}],
        list_functions=[{"Functions": []}],
    ) == []  # fmt: skip


def test_a_platform_that_does_not_answer() -> None:
    class Silent:
        def client(self, service: str) -> Any:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    (line,) = at_work(cast(RunningPlatform, Silent()))
    assert line.startswith("(what ran could not be asked: Could not connect")
