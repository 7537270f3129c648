"""constraints.json and violations of model quality: a threshold for each metric. Pure.

Recorded in outputs of public notebooks: the names, and that suggested thresholds are what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.trainingtoolkit.monitoring.refusals import Refused
from sagehen.trainingtoolkit.monitoring.settings import BINARY, MULTICLASS, REGRESSION

_LESS, _GREATER = "LessThanThreshold", "GreaterThanThreshold"
# By their sections, which each of the two files names.
SECTIONS = {
    REGRESSION: ("regression_metrics", "regression_constraints"),
    BINARY: ("binary_classification_metrics", "binary_classification_constraints"),
    MULTICLASS: ("multiclass_classification_metrics", "multiclass_classification_constraints"),
}
_OPERATORS: Mapping[str, Mapping[str, str]] = {
    REGRESSION: {"mae": _GREATER, "mse": _GREATER, "rmse": _GREATER, "r2": _LESS},
    BINARY: {
        "recall": _LESS, "precision": _LESS, "accuracy": _LESS, "true_positive_rate": _LESS,
        "true_negative_rate": _LESS, "false_positive_rate": _GREATER, "false_negative_rate": _GREATER,
        "auc": _LESS, "f0_5": _LESS, "f1": _LESS, "f2": _LESS,
    },
    MULTICLASS: {
        "accuracy": _LESS, "weighted_recall": _LESS, "weighted_precision": _LESS, "weighted_f0_5": _LESS,
        "weighted_f1": _LESS, "weighted_f2": _LESS,
    },
}  # fmt: skip


def suggested(problem_type: str, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the constraints that metrics suggest; what is no number suggests none."""
    return {
        "version": 0.0,
        SECTIONS[problem_type][1]: {
            name: {"threshold": metrics[name]["value"], "comparison_operator": operator}
            for name, operator in _OPERATORS[problem_type].items()
            if name in metrics and isinstance(metrics[name]["value"], float)
        },
    }


def violations(
    problem_type: str, metrics: Mapping[str, Any], baseline: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return in what metrics do not keep to a baseline's constraints.

    Raises:
        Refused: They are for another problem type, or cannot be read.
    """
    section = SECTIONS[problem_type][1]
    limits = baseline.get(section)
    if not isinstance(limits, Mapping):
        raise Refused(f"The baseline constraints have no {section}.")
    found = []
    for name, limit in limits.items():
        threshold, operator = _limit(name, limit)
        measured = metrics.get(name)
        if not isinstance(measured, Mapping) or not isinstance(value := measured.get("value"), float):
            raise Refused(
                f"The baseline constraints limit '{name[:100]}', which this dataset has no value for."
            )
        if value < threshold if operator == _LESS else value > threshold:
            found.append(
                {
                    "constraint_check_type": operator,
                    # Recorded in its parts: aws-samples' monitoring of custom metrics.
                    "description": f"Metric {name} with {value} +/- {measured['standard_deviation']} was "
                    f"{operator} '{threshold}'",
                    "metric_name": name,
                }
            )
    return found


def _limit(name: str, limit: Any) -> tuple[float, str]:
    threshold = limit.get("threshold") if isinstance(limit, Mapping) else None
    operator = limit.get("comparison_operator") if isinstance(limit, Mapping) else None
    if not isinstance(threshold, (int, float)) or operator not in (_LESS, _GREATER):
        raise Refused(
            f"The baseline constraint of '{name[:100]}' needs a threshold, and the comparison_operator "
            f"{_LESS} or {_GREATER}."
        )
    return float(threshold), operator
