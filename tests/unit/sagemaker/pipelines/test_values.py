"""What expressions come to; names; outputs of functions; reasons of calls."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.bounded.budget import BudgetSpent, within
from sagehen.domain.ids import Ids
from sagehen.services.sagemaker.pipelines.definition.step import PropertyFile, Step
from sagehen.services.sagemaker.pipelines.executions.names import execution_id, job_name
from sagehen.services.sagemaker.pipelines.executions.values import Sources, Unresolved, evaluate, files_of
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.functions import outputs

DESCRIBED = {
    "ProcessingOutputConfig": {"Outputs": [{"OutputName": "train", "S3Output": {"S3Uri": "s3://b/train/"}}]},
    "FinalMetricDataList": [{"MetricName": "loss", "Value": 0.5}],
    "Summaries": [{"N": "first"}],
    "Large": {str(number): [number] for number in range(1000)},
}
SOURCES = Sources(
    parameters={"Name": "x", "Count": 3, "Rate": 0.1, "Flag": True, "Long": "x" * 1000},
    execution={"PipelineName": "p"},
    properties={"S": DESCRIBED},
    steps={"S": Step("S", "Processing", {}, files={"F": PropertyFile("train", "/report.json")})},
    files={"s3://b/train/report.json": {"a": {"b.c": [1, {"d": 2}]}}},
)


def get(text: str) -> dict[str, str]:
    return {"Get": text}


def file(path: str, name: str = "F") -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": get(f"Steps.S.PropertyFiles.{name}"), "Path": path}}


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ("plain", "plain"),
        ({"a": [get("Parameters.Count"), 1]}, {"a": [3, 1]}),
        (get("Execution.PipelineName"), "p"),
        (get("Steps.S.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"), "s3://b/train/"),
        (get("Steps.S.ProcessingOutputConfig.Outputs[0].OutputName"), "train"),
        (get('Steps.S.FinalMetricDataList["loss"].Value'), 0.5),
        (
            {"Std:Join": {"On": "/", "Values": ["a", get("Parameters.Count"), get("Parameters.Rate")]}},
            "a/3/0.1",
        ),
        ({"Std:Join": {"Values": [get("Parameters.Flag"), {"Std:Join": {"Values": ["z"]}}]}}, "truez"),
        (file("a['b.c'][1].d"), 2),
        (file("$.a['b.c'][0]"), 1),
        ({"Get": 1, "other": 2}, {"Get": 1, "other": 2}),
    ],
)
def test_values(node: Any, value: Any) -> None:
    assert evaluate(node, SOURCES) == value


@pytest.mark.parametrize(
    "node",
    [
        *(get("Steps.S.Nothing"), get("Steps.S.Summaries[1].N"), get("Steps.T.A"), file("a.b"), file("x")),
        {"Std:JsonGet": {"S3Uri": "s3://b/other.json", "Path": "a"}},
        {"Std:Join": {"On": "x" * 600_000, "Values": ["a", "b", "c"]}},
        # What a small definition names over and over.
        [get("Parameters.Long")] * 2000,
        [get("Steps.S.Large")] * 2000,
        [{"Std:Join": {"On": "x" * 1000, "Values": ["a"] * 100}}] * 20,
        {"Std:JsonGet": {"S3Uri": {"Std:Join": {"Values": [get("Parameters.Long")] * 4}}, "Path": "a"}},
    ],
)
def test_what_is_not_there_fails_the_step(node: Any) -> None:
    with pytest.raises(Unresolved, match=r"^ClientError: "):
        evaluate(node, SOURCES)


def test_looking_through_long_lists_has_an_end() -> None:
    sources = replace(SOURCES, properties={"S": {"A": [{"Name": str(number)} for number in range(10_000)]}})
    node = [get("Steps.S.A['9999'].Name")] * 2_000
    with pytest.raises(BudgetSpent):
        within(0.01, evaluate, node, sources)


def test_files_are_named_before_they_are_read() -> None:
    given = {
        "a": [file("x"), {"Std:JsonGet": {"S3Uri": {"Std:Join": {"Values": ["s3://", "u"]}}, "Path": "a"}}]
    }
    assert list(files_of(given, replace(SOURCES, files={}))) == ["s3://b/train/report.json", "s3://u"]


def test_names_fit_into_what_jobs_may_be_called() -> None:
    ids = Ids(random.Random(1))
    execution = execution_id(ids)
    assert re.fullmatch(r"[a-z0-9]{12}", execution)
    pattern = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    for step in ("Train", "a_b", "x" * 64, "-"):
        for kind in ("Training", "Tuning"):
            for prefix in (None, "mine", "y" * 70):
                name = job_name(ids, execution, kind, step, prefix)
                assert re.fullmatch(pattern, name), name
                assert len(name) <= (32 if kind == "Tuning" else 63)
                assert execution in name
    assert re.fullmatch(
        rf"pipelines-{execution}-Train-\w{{10}}", job_name(ids, execution, "Training", "Train")
    )
    assert re.fullmatch(
        rf"{execution}-HyperPa-\w{{10}}", job_name(ids, execution, "Tuning", "HyperParameter")
    )


def test_a_function_answers_with_its_outputs() -> None:
    step = Step("L", "Lambda", {}, function_arn="f", outputs={"n": "Integer", "t": "String", "f": "Float"})
    assert outputs(step, b'{"n": 1, "t": "x", "f": 2, "more": 3}') == {"n": 1, "t": "x", "f": 2}
    for payload in (
        b"",
        b"[]",
        b"null",
        b'{"n": 1}',
        b'{"n": true, "t": "x", "f": 1}',
        b'{"n": 1, "t": 2, "f": 1}',
    ):
        with pytest.raises(Unresolved):
            outputs(step, payload)


@pytest.mark.parametrize(
    ("code", "status", "exception", "reason"),
    [
        ("ThrottlingException", 400, "Step.THROTTLING", "ClientError"),
        ("InternalFailure", 500, "Step.SERVICE_FAULT", "InternalServerError"),
        ("ResourceLimitExceeded", 400, "SageMaker.RESOURCE_LIMIT", "ClientError"),
        ("NotImplemented", 501, "", "ClientError"),
        ("ValidationException", 400, "", "ClientError"),
    ],
)
def test_which_failures_of_calls_are_retried(code: str, status: int, exception: str, reason: str) -> None:
    failed = CallFailed("sagemaker:CreateModel", code, "why", status)
    assert failed.exception == exception
    assert failed.reason == f"{reason}: Failed to invoke sagemaker:CreateModel. Error Details: why"
