"""What UpdateTrainingJob makes of a job's rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.training.rules.configuration import check, rules_of
from sagehen.services.sagemaker.training.rules.evaluation import Recorded, recorded_as, undecided
from sagehen.services.sagemaker.training.rules.verdict import STOPPED, Verdict

# Documented: the shape ProfilerRuleConfigurations.
_MOST_RULES = 20


def rules_added(request: Mapping[str, Any], added: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the profiler's rules of a job with more of them (documented: rules can only be added).

    Raises:
        ValidationException: A name that is there already, or too many.
        NotImplementedOperation: As CreateTrainingJob has it.
    """
    rules = [*(request.get("ProfilerRuleConfigurations") or ()), *added]
    if len(rules) > _MOST_RULES:
        raise ValidationException(
            f"Invalid ProfilerRuleConfigurations. A job has at most {_MOST_RULES} of them."
        )
    check({"ProfilerRuleConfigurations": rules}, "UpdateTrainingJob")
    return rules


def stopped(request: Mapping[str, Any], recorded: Recorded, at: float) -> dict[str, tuple[str, str, float]]:
    """Return what is recorded of the rules that end because the profiler is disabled."""
    verdict = Verdict(STOPPED, "The profiler was disabled by UpdateTrainingJob.")
    found: dict[str, tuple[str, str, float]] = {}
    for rule in undecided(rules_of(request), recorded):
        if rule.kind == "Profiler":
            found |= recorded_as(rule, verdict, at)
    return found
