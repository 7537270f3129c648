"""What `sagehen down` says of what it stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.exceptions import EndpointConnectionError

from sagehen.cli.down import at_work, stop
from sagehen.cli.running import RunningPlatform


class Pages(RunningPlatform):
    answers: dict[str, list[dict[str, Any]]]

    def __init__(self, answers: dict[str, list[dict[str, Any]]]) -> None:
        object.__setattr__(self, "answers", answers)

    def health(self) -> dict[str, Any]:
        return {"loaded": ["sagemaker", "lambda"]}

    def client(self, service: str) -> Pages:
        return self

    def get_paginator(self, operation: str) -> Any:
        answers = self.answers

        class Paginator:
            def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
                in_progress = arguments == {"StatusEquals": "InProgress"}
                assert in_progress == (operation.endswith("_jobs"))
                return answers[operation]

        return Paginator()


def lines(**answers: list[dict[str, Any]]) -> list[str]:
    return at_work(Pages(answers))


def test_everything_at_work_is_named() -> None:
    functions = [{"FunctionName": f"f{number}"} for number in range(7)]
    assert lines(
        list_training_jobs=[
            {"TrainingJobSummaries": [{"TrainingJobName": "one"}]},
            {"TrainingJobSummaries": [{"TrainingJobName": "two"}]},
        ],
        list_processing_jobs=[
            {"ProcessingJobSummaries": [{"ProcessingJobName": "rows", "ProcessingJobStatus": "InProgress"}]}
        ],
        list_transform_jobs=[{"TransformJobSummaries": []}],
        list_endpoints=[
            {
                "Endpoints": [
                    {"EndpointName": "dogs", "EndpointStatus": "InService"},
                    {"EndpointName": "cats", "EndpointStatus": "Failed"},  # stays so
                ]
            }
        ],
        list_notebook_instances=[
            {
                "NotebookInstances": [
                    {"NotebookInstanceName": "lab", "NotebookInstanceStatus": "InService"},
                    {"NotebookInstanceName": "old", "NotebookInstanceStatus": "Stopped"},
                ]
            }
        ],
        list_functions=[{"Functions": functions}],
    ) == [
        "training job one: is started again, with the checkpoints that it wrote",
        "training job two: is started again, with the checkpoints that it wrote",
        "processing job rows: is started again",
        "endpoint dogs: is started again",
        "notebook instance lab: is started again, with its volume",
        "7 functions (f0, f1, f2, f3, f4 …): start when called",
    ]


def test_nothing_at_work() -> None:
    assert lines(
        list_training_jobs=[{"TrainingJobSummaries": []}],
        list_processing_jobs=[{"ProcessingJobSummaries": []}],
        list_transform_jobs=[{"TransformJobSummaries": []}],
        list_endpoints=[{"Endpoints": []}],
        list_notebook_instances=[{"NotebookInstances": []}],
        list_functions=[{"Functions": []}],
    ) == []  # fmt: skip


@pytest.mark.parametrize(("method", "said"), [("client", "Could not connect"), ("health", "timed out")])
def test_a_platform_that_does_not_answer(method: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise {
            "client": EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
            "health": TimeoutError("timed out"),
        }[method]

    monkeypatch.setattr(Pages, method, fails)
    (line,) = at_work(Pages({}))
    assert line.startswith(f"(what ran could not be asked: {said}")


def test_what_is_not_loaded_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pages, "health", lambda *_: {"loaded": ["iam", "s3"]})
    assert lines() == [] and Pages({}).machines() == []


def test_deleting_follows_a_link_to_a_larger_disk(tmp_path: Path) -> None:
    place, link = tmp_path / "large", tmp_path / "data"
    place.mkdir()
    (place / "metadata.sqlite").touch()
    link.symlink_to(place)
    stop(link, delete_data=True)
    assert list(tmp_path.iterdir()) == []


def test_no_folder_of_others_is_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letters").touch()
    with pytest.raises(typer.Exit):
        stop(tmp_path, delete_data=True)
    assert "is no data folder of yours; nothing was deleted" in capsys.readouterr().err
    assert (tmp_path / "letters").exists()
