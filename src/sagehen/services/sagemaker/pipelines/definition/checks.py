"""Checks: what a quality-check step is held against, as a definition says it. Pure.

Documented: SageMaker Developer Guide, Baseline calculation, drift detection and lifecycle with ClarifyCheck
and QualityCheck steps; the members are those that the SDK's QualityCheckStep writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.pipelines.definition.expressions import function_of
from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid

QUALITY_CHECK = "QualityCheck"
DATA_QUALITY, MODEL_QUALITY = "DATA_QUALITY", "MODEL_QUALITY"
# What other steps may read of one, and its metadata show.
CALCULATED = ("CalculatedBaselineStatistics", "CalculatedBaselineConstraints")
USED = ("BaselineUsedForDriftCheckStatistics", "BaselineUsedForDriftCheckConstraints")
PROPERTIES = (*CALCULATED, *USED)
# With what holds where a definition says nothing: the SDK's defaults.
FLAGS = {"SkipCheck": False, "FailOnViolation": True, "RegisterNewBaseline": False}
SUPPLIED = ("SuppliedBaselineStatistics", "SuppliedBaselineConstraints")
GROUP = "ModelPackageGroupName"
MEMBERS = {"CheckType", GROUP, *FLAGS, *SUPPLIED}


def parse(step: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a step that are its check's; what is null is not there.

    Raises:
        Invalid
    """
    if given.get("CheckType") not in (DATA_QUALITY, MODEL_QUALITY):
        raise Invalid(f"Invalid CheckType '{given.get('CheckType')}' of step '{step}'.")
    found = {name: given[name] for name in MEMBERS if given.get(name) is not None}
    for name, value in found.items():
        expected = bool if name in FLAGS else str
        if not isinstance(value, expected) and function_of(value) is None:
            raise Invalid(f"Invalid {name} of step '{step}'.")
    return found
