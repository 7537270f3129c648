"""Checks: what a quality-check or Clarify-check step is held against, as a definition says it. Pure.

Documented: SageMaker Developer Guide, Baseline calculation, drift detection and lifecycle with ClarifyCheck
and QualityCheck steps; the members are those that the SDK's steps write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.sagemaker.pipelines.definition.expressions import function_of
from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid

QUALITY_CHECK, CLARIFY_CHECK = "QualityCheck", "ClarifyCheck"
DATA_QUALITY, MODEL_QUALITY, DATA_BIAS = "DATA_QUALITY", "MODEL_QUALITY", "DATA_BIAS"
# By the type of the step; of Clarify's the others ask a model.
KINDS = {QUALITY_CHECK: (DATA_QUALITY, MODEL_QUALITY), CLARIFY_CHECK: (DATA_BIAS,)}
_UNBUILT = ("MODEL_BIAS", "MODEL_EXPLAINABILITY")
# The files of a baseline, as members, variables and model packages name them.
STATISTICS, CONSTRAINTS = "Statistics", "Constraints"
PARTS = {QUALITY_CHECK: (STATISTICS, CONSTRAINTS), CLARIFY_CHECK: (CONSTRAINTS,)}
# What other steps may read of a check, and its metadata show.
CALCULATED, USED = "CalculatedBaseline", "BaselineUsedForDriftCheck"
# With what holds where a definition says nothing: the SDK's defaults.
FLAGS = {"SkipCheck": False, "FailOnViolation": True, "RegisterNewBaseline": False}
SUPPLIED = "SuppliedBaseline"
GROUP = "ModelPackageGroupName"


def members(kind: str) -> set[str]:
    """Return the members of a step of a type that are its check's."""
    return {"CheckType", GROUP, *FLAGS, *(f"{SUPPLIED}{part}" for part in PARTS[kind])}


def properties(kind: str) -> tuple[str, ...]:
    """Return the properties of a step of a type."""
    return tuple(f"{prefix}{part}" for prefix in (CALCULATED, USED) for part in PARTS[kind])


def parse(step: str, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a step that are its check's; what is null is not there.

    Raises:
        Invalid
        NotImplementedOperation: It is of a kind that is not built.
    """
    check = given.get("CheckType")
    if kind == CLARIFY_CHECK and check in _UNBUILT:
        raise NotImplementedOperation(
            f"CreatePipeline Step '{step}': {kind} steps of the CheckType {check} are not implemented."
        )
    if check not in KINDS[kind]:
        raise Invalid(f"Invalid CheckType '{check}' of step '{step}'.")
    found = {name: given[name] for name in members(kind) if given.get(name) is not None}
    for name, value in found.items():
        expected = bool if name in FLAGS else str
        if not isinstance(value, expected) and function_of(value) is None:
            raise Invalid(f"Invalid {name} of step '{step}'.")
    return found
