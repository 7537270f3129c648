"""Rules as requests have them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.training.rules.configuration import (
    Rule,
    check,
    evaluation_job_name,
    rules_of,
)
from sagehen.services.sagemaker.training.rules.evaluation import described
from sagehen.services.sagemaker.training.rules.update import rules_added, stopped

_IMAGE = "503895931360.dkr.ecr.us-east-1.amazonaws.com/sagemaker-debugger-rules:latest"


def _rule(name: str, image: str = _IMAGE, **more: Any) -> dict[str, Any]:
    return {"RuleConfigurationName": name, "RuleEvaluatorImage": image, **more}


@pytest.mark.parametrize(
    ("rules", "error", "says"),
    [
        ([_rule("A")], None, ""),
        ([_rule("A"), _rule("B", "sagemaker-debugger-rules")], None, ""),
        ([_rule("A"), _rule("A")], ValidationException, "RuleConfigurationName A is not unique"),
        ([_rule("A", S3OutputPath="https://x/y")], ValidationException, "Invalid S3 URI"),
        (
            [_rule("A", RuleParameters={"source_s3_uri": "s3://b/rule.py", "rule_to_invoke": "Mine"})],
            NotImplementedOperation, "a rule of one's own",
        ),
        (
            [_rule("A", _IMAGE.replace("rules", "rule-evaluator"))],
            NotImplementedOperation, "sagemaker-debugger-rule-evaluator",
        ),
        ([_rule("A", "x/detailed-profiler-processing:1")], NotImplementedOperation, "the built-in rules"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["Debug", "Profiler"])
def test_checks(kind: str, rules: list[Any], error: type[Exception] | None, says: str) -> None:
    request = {f"{kind}RuleConfigurations": rules}
    if error is None:
        check(request)
        assert [rule.kind for rule in rules_of(request)] == [kind] * len(rules)
    else:
        with pytest.raises(error, match=says):
            check(request)


# Documented: the shape ProcessingJobArn.
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@pytest.mark.parametrize(
    "rule", ["VanishingGradient", "ProfilerReport-1645210204", "a/../b \u00e4 <&>", "-" * 256]
)
@pytest.mark.parametrize("job", ["a", "Finetune-Distilbert-base-cased-2022-02-18-19-02-44-579-and-more"])
def test_an_evaluation_is_named_as_aws_names_its_job(job: str, rule: str) -> None:
    name = evaluation_job_name(job, 1.5, Rule("Debug", rule, ""))
    assert _NAME.fullmatch(name)
    assert name == evaluation_job_name(job, 1.5, Rule("Debug", rule, ""))
    assert name != evaluation_job_name(job, 2.5, Rule("Debug", rule, ""))


def test_a_name_s_form_is_the_recorded_one() -> None:
    name = evaluation_job_name("sagemaker-debugger-mnist-byoc-tf2", 1.0, Rule("Debug", "Overfit", "Overfit"))
    assert re.fullmatch(r"sagemaker-debugger-mnist-b-overfit-[0-9a-f]{8}", name)


def test_what_is_said_of_rules_before_and_after_the_end() -> None:
    request = {"DebugRuleConfigurations": [_rule("A"), _rule("B")]}
    scope, recorded = Scope("123456789012", "us-east-1"), {"Debug/B": ("IssuesFound", "why", 5.0)}
    going_on = described(request, scope, "Job", recorded, created_at=1.0, ended_at=None)
    a, b = going_on["DebugRuleEvaluationStatuses"]
    assert (a["RuleEvaluationStatus"], a["StatusDetails"]) == ("InProgress", None)
    assert (b["RuleEvaluationStatus"], b["StatusDetails"]) == ("IssuesFound", "why")
    assert a["RuleEvaluationJobArn"].startswith(
        "arn:aws:sagemaker:us-east-1:123456789012:processing-job/job-a-"
    )
    ended = described(request, scope, "Job", recorded, created_at=1.0, ended_at=9.0)
    assert [entry["RuleEvaluationStatus"] for entry in ended["DebugRuleEvaluationStatuses"]] == [
        "Error",
        "IssuesFound",
    ]


def test_rules_are_only_added_and_end_with_the_profiler() -> None:
    request = {"ProfilerRuleConfigurations": [_rule("A")], "DebugRuleConfigurations": [_rule("D")]}
    assert [rule["RuleConfigurationName"] for rule in rules_added(request, [_rule("B")])] == ["A", "B"]
    with pytest.raises(ValidationException, match="not unique"):
        rules_added(request, [_rule("A")])
    with pytest.raises(ValidationException, match="at most 20"):
        rules_added(request, [_rule(str(number)) for number in range(20)])
    assert {name: status for name, (status, _, _) in stopped(request, {}, 3.0).items()} == {
        "Profiler/A": "Stopped"
    }
