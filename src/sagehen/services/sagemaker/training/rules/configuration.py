"""DebugRuleConfigurations and ProfilerRuleConfigurations: checked, and one rule each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.transfers import uris

KINDS = ("Debug", "Profiler")
# Documented: SageMaker Developer Guide, Use Debugger Docker Images for Built-in or Custom Rules. An account
# and a region stand in front of the name, as the SDK writes it.
_BUILT_IN = re.compile(r"(?:[\w.:-]+/)?sagemaker-debugger-rules(?:[:@][\w.:-]+)?")
_ARN_NAME = 26


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a job.

    Args:
        kind: `Debug` or `Profiler`.
        name: RuleConfigurationName.
        invoked: Which built-in rule, RuleParameters' `rule_to_invoke`; empty where there is none.
        parameters: RuleParameters, as they came.
        output_uri: S3OutputPath, where one is given.
    """

    kind: str
    name: str
    invoked: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    output_uri: str | None = None


def rules_of(request: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return a request's rules, Debugger's before the profiler's."""
    return tuple(
        Rule(
            kind,
            entry["RuleConfigurationName"],
            (entry.get("RuleParameters") or {}).get("rule_to_invoke", ""),
            entry.get("RuleParameters") or {},
            entry.get("S3OutputPath"),
        )
        for kind in KINDS
        for entry in request.get(f"{kind}RuleConfigurations") or ()
    )


def check(request: Mapping[str, Any], operation: str = "CreateTrainingJob") -> None:
    """Check the rules of a request.

    Raises:
        ValidationException: Two of a name, or an S3OutputPath that is none; words ours.
        NotImplementedOperation: A rule of the user's own, or another image than that of the built-in ones.
    """
    for kind in KINDS:
        entries = request.get(f"{kind}RuleConfigurations") or ()
        names = [entry["RuleConfigurationName"] for entry in entries]
        for entry in entries:
            _check_one(entry, f"{operation} {kind}RuleConfigurations")
        if repeated := [name for name in names if names.count(name) > 1]:
            # Documented: "It must be unique relative to other rule configuration names".
            raise ValidationException(
                f"Invalid {kind}RuleConfigurations. RuleConfigurationName {repeated[0]} is not unique."
            )


def _check_one(entry: Mapping[str, Any], where: str) -> None:
    image = entry["RuleEvaluatorImage"]
    if "source_s3_uri" in (entry.get("RuleParameters") or {}):
        raise NotImplementedOperation(f"{where} with a rule of one's own (source_s3_uri) is not implemented.")
    if _BUILT_IN.fullmatch(image) is None:
        raise NotImplementedOperation(
            f"{where} RuleEvaluatorImage is implemented for sagemaker-debugger-rules, the image of the "
            f"built-in rules; it is {image}."
        )
    if (uri := entry.get("S3OutputPath")) is not None:
        uris.split(uri)


def evaluation_job_name(job_name: str, created_at: float, rule: Rule) -> str:
    """Return the name of the processing job that AWS would evaluate a rule in.

    Recorded: `sagemaker-debugger-mnist-b-overfit-e841d0bf`, twenty-six characters of the job's name and of
    the rule's, and eight hexadecimal digits; all in lower case.
    """
    digits = hashlib.sha256(f"{job_name}\0{created_at!r}\0{rule.kind}\0{rule.name}".encode()).hexdigest()[:8]
    words = re.sub(r"[^a-z0-9-]", "-", rule.name[:_ARN_NAME].lower())
    return f"{job_name[:_ARN_NAME].lower()}-{words}-{digits}"
