"""Verdict: what one look at the facts says of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Documented: the shape RuleEvaluationStatus.
IN_PROGRESS, NO_ISSUES, ISSUES, ERROR = "InProgress", "NoIssuesFound", "IssuesFound", "Error"
STOPPED = "Stopped"
# Documented: the shape StatusDetails.
_DETAILS_CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's status and why.

    Args:
        details: StatusDetails.
        datapoints: How many values were looked at.
        violations: How often the condition was met.
        found: What the profiler's report shows of it, JSON.
    """

    status: str
    details: str = ""
    datapoints: int = 0
    violations: int = 0
    found: Mapping[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        return self.status != IN_PROGRESS


def issue(rule: str, step: int, why: str, **more: Any) -> Verdict:
    """Return IssuesFound. Its first sentence is recorded (StatusDetails of a rule Overfit)."""
    met = f"Evaluation of the rule {rule} at step {step} resulted in the condition being met"
    return Verdict(ISSUES, _cut(f"RuleEvaluationConditionMet: {met}\n{why}"), **more)


def no_issue(why: str, **more: Any) -> Verdict:
    """Return NoIssuesFound; AWS gives no details with it."""
    return Verdict(NO_ISSUES, _cut(why), **more)


def going_on(**more: Any) -> Verdict:
    """Return InProgress."""
    return Verdict(IN_PROGRESS, **more)


def error(why: str, **more: Any) -> Verdict:
    """Return Error: nothing is said of whether there is an issue."""
    return Verdict(ERROR, _cut(why), **more)


def no_data(why: str) -> Verdict:
    """Return what a rule ends in that has nothing to look at.

    The first two sentences are recorded (tensorflow/tensorflow issue 51414, aws/amazon-sagemaker-examples
    issue 2746): what AWS says where a script has no hook.
    """
    return error(
        "ClientError: No debugging data was saved by the training job. Check that the debugger hook was "
        f"configured correctly before starting the training job. {why}"
    )


def _cut(text: str) -> str:
    return text[:_DETAILS_CHARACTERS]
