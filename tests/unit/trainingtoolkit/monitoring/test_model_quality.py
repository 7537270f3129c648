"""Metrics of predictions: AWS's documented example, and values by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sagehen.trainingtoolkit.monitoring.model_quality.analysis import analyze
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.refusals import Refused
from sagehen.trainingtoolkit.monitoring.reports import Reports
from sagehen.trainingtoolkit.monitoring.settings import DatasetFormat, Settings

pytest.importorskip("numpy")
RIGHT = {"truth": ["1"], "said": ["1"]}
LIMIT = {"threshold": 1, "comparison_operator": "LessThanThreshold"}


def reports(problem: str, baseline: Any = None, **columns: Sequence[str | None]) -> Reports:
    """Return what is found of columns `truth`, `said` and `p`."""
    settings = Settings(
        Path(), Path(), DatasetFormat("csv"), problem_type=problem, truth="truth",
        inference="said" if "said" in columns else None, probability="$.p" if "p" in columns else None,
    )  # fmt: skip
    return analyze([Batch(len(columns["truth"]), columns)], settings, baseline)


def values(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: one["value"] for name, one in metrics.items() if "value" in one}


def test_the_documented_binary_example() -> None:
    """SageMaker Developer Guide, Model quality metrics: a positive record of four, two false alarms."""
    found = reports("BinaryClassification", truth=list("0001"), said=["0", "1.0", "1", "1"])
    metrics = found.statistics["binary_classification_metrics"]
    assert metrics["confusion_matrix"] == {"0": {"0": 1, "1": 2}, "1": {"0": 0, "1": 1}}
    assert metrics["recall"]["standard_deviation"] == "NaN"
    expected = {
        "recall": 1.0, "precision": 1 / 3, "accuracy": 0.5, "recall_best_constant_classifier": 1.0,
        "precision_best_constant_classifier": 0.25, "accuracy_best_constant_classifier": 0.25,
        "true_positive_rate": 1.0, "true_negative_rate": 1 / 3, "false_positive_rate": 2 / 3,
        "false_negative_rate": 0.0, "f0_5": 0.3846153846153846, "f1": 0.5, "f2": 0.7142857142857143,
        "f0_5_best_constant_classifier": 0.29411764705882354, "f1_best_constant_classifier": 0.4,
        "f2_best_constant_classifier": 0.625,
    }  # fmt: skip
    assert values(metrics) == pytest.approx(expected)


def test_the_documented_multiclass_example() -> None:
    """SageMaker Developer Guide, Model quality metrics."""
    counts = {("0", "0"): 1180, ("0", "1"): 510, ("1", "0"): 268, ("1", "1"): 138}
    rows = [pair for pair, count in counts.items() for _ in range(count)]
    found = reports(
        "MulticlassClassification", truth=[one for one, _ in rows], said=[f"{other}.0" for _, other in rows]
    )
    metrics = found.statistics["multiclass_classification_metrics"]
    assert metrics["confusion_matrix"] == {"0": {"0": 1180, "1": 510}, "1": {"0": 268, "1": 138}}
    assert 0 < metrics["accuracy"]["standard_deviation"] < 0.02
    expected = {
        "accuracy": 0.6288167938931297, "weighted_recall": 0.6288167938931297,
        "weighted_precision": 0.6983172269629505, "weighted_f0_5": 0.6803947317178771,
        "weighted_f1": 0.6571162346664904, "weighted_f2": 0.6384024354394601,
        "accuracy_best_constant_classifier": 0.19370229007633588,
        "weighted_recall_best_constant_classifier": 0.19370229007633588,
        "weighted_precision_best_constant_classifier": 0.03752057718081697,
        "weighted_f0_5_best_constant_classifier": 0.04473443104152011,
        "weighted_f1_best_constant_classifier": 0.06286421244683643,
        "weighted_f2_best_constant_classifier": 0.10570313141262414,
    }  # fmt: skip
    assert values(metrics) == pytest.approx(expected)


def test_regression() -> None:
    found = reports("Regression", truth=["1", "2", "3", "6"], said=["1", "3", "3", "4"])
    metrics = found.statistics["regression_metrics"]
    # The truth's mean is 3, its squares' sum 14; the errors are 1 and 2.
    assert values(metrics) == pytest.approx({"mae": 0.75, "mse": 1.25, "rmse": 1.25**0.5, "r2": 1 - 5 / 14})
    assert found.constraints["regression_constraints"]["r2"] == {
        "threshold": metrics["r2"]["value"],
        "comparison_operator": "LessThanThreshold",
    }


def test_what_is_too_large_for_a_number_is_told_by_its_name_and_suggests_nothing(tmp_path: Path) -> None:
    found = reports("Regression", truth=["0", "1"], said=["1e200", "-1e200"])
    metrics = found.statistics["regression_metrics"]
    assert values(metrics) == {"mae": 1e200, "mse": "Infinity", "rmse": "Infinity", "r2": "-Infinity"}
    assert found.constraints["regression_constraints"].keys() == {"mae"}
    found.write(tmp_path)


def test_probabilities_make_labels_curves_and_an_area() -> None:
    found = reports("BinaryClassification", truth=list("0101"), p=["0.1", "0.4", "0.5", "0.9"])
    metrics = found.statistics["binary_classification_metrics"]
    assert metrics["confusion_matrix"] == {"0": {"0": 2, "1": 0}, "1": {"0": 1, "1": 1}}
    assert metrics["auc"]["value"] == 0.75  # of four pairs one is the wrong way round
    assert metrics["receiver_operating_characteristic_curve"] == {
        "false_positive_rates": [0.0, 0.0, 0.5, 0.5, 1.0],
        "true_positive_rates": [0.0, 0.5, 0.5, 1.0, 1.0],
    }
    assert metrics["precision_recall_curve"]["precisions"] == pytest.approx([1, 1, 0.5, 2 / 3, 0.5])
    assert (
        reports("BinaryClassification", truth=list("01"), p=["0.5", "0.5"]).statistics[
            "binary_classification_metrics"
        ]["auc"]["value"]
        == 0.5
    )


@pytest.mark.parametrize(
    ("threshold", "operator", "broken"),
    [
        (0.5, "GreaterThanThreshold", True),
        (1.0, "GreaterThanThreshold", False),
        (2.0, "LessThanThreshold", True),
    ],
)
def test_violations(threshold: float, operator: str, broken: bool) -> None:
    limits = {"regression_constraints": {"mae": {"threshold": threshold, "comparison_operator": operator}}}
    found = reports("Regression", limits, truth=["1", "2"], said=["2", "3"])
    description = f"Metric mae with 1.0 +/- NaN was {operator} '{threshold}'"
    violation = {"constraint_check_type": operator, "description": description, "metric_name": "mae"}
    assert found.violations == ([violation] if broken else [])


def test_what_only_some_of_the_records_have_is_missing_of_the_others() -> None:
    batches = [Batch(1, {"truth": ["1"]}), Batch(1, {"truth": ["1"], "said": ["2"]})]
    settings = Settings(Path(), Path(), DatasetFormat("json"), problem_type="Regression", truth="truth")
    found = analyze(batches, replace(settings, inference="said"), None).statistics
    assert (found["dataset"]["item_count"], found["regression_metrics"]["mae"]["value"]) == (2, 1.0)
    with pytest.raises(Refused, match="no column 'guess', which inference_attribute names"):
        analyze(batches, replace(settings, inference="guess"), None)


def test_a_model_keeps_to_its_own_baseline() -> None:
    columns: dict[str, list[str | None]] = {"truth": ["1", "2", None, "4"], "said": ["2", "3", "9", None]}
    found = reports("Regression", **columns)
    assert found.statistics["dataset"]["item_count"] == 4
    assert reports("Regression", found.constraints, **columns).violations == []


@pytest.mark.parametrize(
    ("problem", "columns", "baseline", "says"),
    [
        ("Regression", {"truth": ["1"], "said": ["x"]}, None, "no numbers"),
        ("Regression", {"truth": [None], "said": ["1"]}, None, "no record with"),
        ("Regression", RIGHT, {"version": 0}, "no regression_constraints"),
        ("Regression", RIGHT, {"regression_constraints": {"mae": 1}}, "needs a threshold"),
        ("Regression", RIGHT, {"regression_constraints": {"x": LIMIT}}, "no value"),
        ("BinaryClassification", {"truth": ["2"], "said": ["1"]}, None, "labels 0 and 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(problem: str, columns: Any, baseline: Any, says: str) -> None:
    with pytest.raises(Refused, match=says):
        reports(problem, baseline, **columns)
