"""Quality checks: which baseline one needs, what its job gets, what comes of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from sagehen.services.sagemaker.pipelines.executions.checks import Check
from sagehen.services.sagemaker.pipelines.executions.values import Unresolved

SUPPLIED = {"SuppliedBaselineStatistics": "s3://b/s.json", "SuppliedBaselineConstraints": "s3://b/c.json"}
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/g/2"
BASELINES = {
    "ModelDataQuality": {"Statistics": {"S3Uri": "s3://m/ds"}, "Constraints": {"S3Uri": "s3://m/dc"}},
    "ModelQuality": {"Statistics": {"S3Uri": "s3://m/ms"}, "Constraints": {"S3Uri": "s3://m/mc"}},
    "Bias": {"PreTrainingConstraints": {"S3Uri": "s3://m/bias"}},
}
PACKAGE = {"ModelPackageArn": ARN, "DriftCheckBaselines": BASELINES}
OUTPUT: dict[str, Any] = {
    "ProcessingOutputConfig": {
        "Outputs": [
            {"OutputName": "x", "S3Output": {"S3Uri": "s3://b/x", "LocalPath": "/opt/ml/processing/x"}},
            {"OutputName": "o", "S3Output": {"S3Uri": "s3://b/o/", "LocalPath": "/opt/ml/processing/output"}},
        ]
    }
}
JOB = {
    **OUTPUT,
    "Environment": {"output_path": "/opt/ml/processing/output"},
    "ExitMessage": "Completed: Job completed successfully with no violations.",
}
VIOLATED = JOB | {"ExitMessage": "CompletedWithViolations: Job completed successfully with 1 violations."}


def check(kind: str = "DATA_QUALITY", **more: Any) -> Check:
    return Check.of({"CheckType": kind, **more})


@pytest.mark.parametrize(
    ("kind", "more", "package", "baseline"),
    [
        ("DATA_QUALITY", SUPPLIED, None, ("s3://b/s.json", "s3://b/c.json")),
        ("DATA_QUALITY", SUPPLIED, PACKAGE, ("s3://b/s.json", "s3://b/c.json")),
        ("DATA_QUALITY", {"ModelPackageGroupName": "g"}, PACKAGE, ("s3://m/ds", "s3://m/dc")),
        ("MODEL_QUALITY", {"ModelPackageGroupName": "g"}, PACKAGE, ("s3://m/ms", "s3://m/mc")),
        ("DATA_QUALITY", {"SuppliedBaselineConstraints": "s3://b/c"}, PACKAGE, ("s3://m/ds", "s3://b/c")),
        ("DATA_BIAS", {"ModelPackageGroupName": "g"}, PACKAGE, ("s3://m/bias",)),
        ("DATA_BIAS", {"SuppliedBaselineConstraints": "s3://b/c"}, None, ("s3://b/c",)),
        ("DATA_QUALITY", {"SkipCheck": True, "RegisterNewBaseline": True}, None, ()),
    ],
)
def test_the_baseline_of_before(
    kind: str, more: dict[str, Any], package: dict[str, Any] | None, baseline: tuple[str, ...]
) -> None:
    assert check(kind, **more).with_baseline(package).baseline == baseline


@pytest.mark.parametrize(
    ("more", "package", "says"),
    [
        ({}, None, "no baseline statistics for the check: neither supplied, nor is a model package group"),
        ({"RegisterNewBaseline": True}, None, "no baseline"),
        ({"SkipCheck": True}, None, "no baseline"),
        ({"ModelPackageGroupName": "g"}, None, "group g has no approved model package"),
        ({"ModelPackageGroupName": "g"}, {"ModelPackageArn": ARN}, f"{ARN} has no DriftCheckBaselines"),
        ({"SuppliedBaselineStatistics": "s3://b/s"}, None, "no baseline constraints"),
    ],
)
def test_a_baseline_that_is_needed_and_not_there(more: dict[str, Any], package: Any, says: str) -> None:
    with pytest.raises(Unresolved, match=says):
        check(**more).with_baseline(package)


def test_values_of_other_types_are_refused() -> None:
    for member, value in (("SkipCheck", "False"), ("FailOnViolation", 1), ("ModelPackageGroupName", 7)):
        with pytest.raises(Unresolved, match=f"value of {member}"):
            check(**{member: value})


def test_a_job_gets_the_baseline_that_it_is_compared_with() -> None:
    given = {"Environment": {"dataset_source": "/x"}, "ProcessingInputs": [{"InputName": "data"}], **OUTPUT}
    made = check(**SUPPLIED).with_baseline(None).arguments(given)
    assert [one["InputName"] for one in made["ProcessingInputs"]] == [
        *("data", "baseline_statistics", "baseline_constraints")
    ]
    assert made["ProcessingInputs"][2]["S3Input"] == {
        "S3Uri": "s3://b/c.json",
        "LocalPath": "/opt/ml/processing/baseline/constraints",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    assert made["Environment"] == {
        "dataset_source": "/x",
        "baseline_statistics": "/opt/ml/processing/baseline/statistics/s.json",
        "baseline_constraints": "/opt/ml/processing/baseline/constraints/c.json",
    }
    assert check(SkipCheck=True, **SUPPLIED).with_baseline(None).arguments(given) == given


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ProcessingOutputConfig": "x"},
        {"ProcessingOutputConfig": {"Outputs": 1}},
        {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "x", "FeatureStoreOutput": {}}]}},
        OUTPUT | {"Environment": "x"},
        OUTPUT | {"ProcessingInputs": {"InputName": "data"}},
    ],
)
def test_arguments_of_no_such_job_are_refused(skip: bool, given: dict[str, Any]) -> None:
    with pytest.raises(Unresolved, match="leaves no reports"):
        check(SkipCheck=skip, **SUPPLIED).with_baseline(None).arguments(given)


CALCULATED, BEFORE = (
    ("s3://b/o/statistics.json", "s3://b/o/constraints.json"),
    ("s3://b/s.json", "s3://b/c.json"),
)


@pytest.mark.parametrize(
    ("skip", "register", "used"),
    [(False, False, BEFORE), (False, True, CALCULATED), (True, False, BEFORE), (True, True, CALCULATED)],
)
def test_what_other_steps_read(skip: bool, register: bool, used: tuple[str, str]) -> None:
    made = check(SkipCheck=skip, RegisterNewBaseline=register, **SUPPLIED).with_baseline(None).ended(JOB)
    assert tuple(made.properties.values()) == (*CALCULATED, *used)
    assert made.metadata("arn")["CheckJobArn"] == "arn" and "ViolationReport" not in made.metadata("arn")


@pytest.mark.parametrize(
    ("more", "job", "report", "fails"),
    [
        ({}, JOB, False, False),
        ({}, VIOLATED, True, True),
        ({"FailOnViolation": False}, VIOLATED, True, False),
        ({"RegisterNewBaseline": True}, VIOLATED, True, True),
        ({"SkipCheck": True}, VIOLATED, False, False),
    ],
)
def test_violations_fail_a_step_that_wants_it(
    more: dict[str, Any], job: dict[str, Any], report: bool, fails: bool
) -> None:
    made = check(**more, **SUPPLIED).with_baseline(None).ended(job)
    assert ("ViolationReport" in made.metadata("arn")) is report
    assert bool(made.failure) is fails
    assert not fails or made.failure.endswith("See s3://b/o/constraint_violations.json")


def test_clarify_s_baseline_is_one_file() -> None:
    made = check("DATA_BIAS", SuppliedBaselineConstraints="s3://b/c").with_baseline(None)
    assert made.arguments(OUTPUT)["Environment"] == {
        "baseline_constraints": "/opt/ml/processing/baseline/constraints/c"
    }
    assert made.ended(VIOLATED).properties == {
        "CalculatedBaselineConstraints": "s3://b/o/analysis.json",
        "BaselineUsedForDriftCheckConstraints": "s3://b/c",
    }


def test_it_is_the_same_in_its_row_and_in_the_key_of_its_cache() -> None:
    made = check(**SUPPLIED).with_baseline(None).ended(VIOLATED)
    assert Check.from_json(json.loads(json.dumps(asdict(made)))) == made
    assert check(SkipCheck=True).cached({}) != check().cached({})
