"""What is recorded of a rule's evaluation, and what DescribeTrainingJob says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.training.rules.configuration import KINDS, Rule, evaluation_job_name, rules_of
from sagehen.services.sagemaker.training.rules.verdict import ERROR, IN_PROGRESS, Verdict

# Of a job that ended without one: before its instances started, or under an earlier version of Sagehen.
_NEVER = "ClientError: the training job ended before this rule could be evaluated."
# As it is kept in a job's record: `<kind>/<name>` -> (status, details, seconds since the epoch).
Recorded = Mapping[str, tuple[str, str, float]]


def recorded_as(rule: Rule, verdict: Verdict, at: float) -> dict[str, tuple[str, str, float]]:
    """Return a verdict as a job's record has it."""
    return {key_of(rule): (verdict.status, verdict.details, at)}


def key_of(rule: Rule) -> str:
    """Return what names a rule within its job."""
    return f"{rule.kind}/{rule.name}"


def undecided(rules: Iterable[Rule], recorded: Recorded) -> list[Rule]:
    """Return the rules that go on."""
    return [rule for rule in rules if recorded.get(key_of(rule), (IN_PROGRESS,))[0] == IN_PROGRESS]


def described(
    request: Mapping[str, Any],
    scope: Scope,
    job_name: str,
    recorded: Recorded,
    *,
    created_at: float,
    ended_at: float | None,
) -> dict[str, Any]:
    """Return DebugRule- and ProfilerRuleEvaluationStatuses, for a job that has rules of the kind.

    No processing job is behind an evaluation here: its ARN has AWS's form and names nothing.
    """
    statuses: dict[str, list[dict[str, Any]]] = {}
    for rule in rules_of(request):
        missing = (IN_PROGRESS, "", created_at) if ended_at is None else (ERROR, _NEVER, ended_at)
        status, details, at = recorded.get(key_of(rule), missing)
        if status == IN_PROGRESS and ended_at is not None:
            status, details, at = missing
        name = evaluation_job_name(job_name, created_at, rule)
        statuses.setdefault(f"{rule.kind}RuleEvaluationStatuses", []).append(
            {
                "RuleConfigurationName": rule.name,
                "RuleEvaluationJobArn": arns.resource_arn(scope, "processing-job", name),
                "RuleEvaluationStatus": status,
                "StatusDetails": details or None,
                "LastModifiedTime": moment(at),
            }
        )
    return statuses


def configurations(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules as DescribeTrainingJob echoes them; recorded: with a VolumeSizeInGB of 0."""
    return {
        member: [{"VolumeSizeInGB": 0, **entry} for entry in request[member]]
        for member in (f"{kind}RuleConfigurations" for kind in KINDS)
        if request.get(member)
    }
