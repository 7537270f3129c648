"""Metrics that built-in algorithms declare themselves: their requests carry no MetricDefinitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.executors.environments import catalogue

# Documented: SageMaker Developer Guide, Tune an XGBoost model; the names before the colon are the channels'.
# Twenty of them together, as many as a job may define.
_XGBOOST = ("rmse", "mae", "logloss", "error", "merror", "mlogloss", "auc", "aucpr", "ndcg", "map")


def metric_definitions(
    algorithm: Mapping[str, Any], hyperparameters: Mapping[str, str]
) -> Sequence[Mapping[str, str]]:
    """Return a request's MetricDefinitions, or those that its algorithm declares.

    Args:
        algorithm: AlgorithmSpecification.
        hyperparameters: Those of the job; with a script in them, the image is no algorithm.
    """
    given: Sequence[Mapping[str, str]] = algorithm.get("MetricDefinitions") or ()
    image = catalogue.find(algorithm.get("TrainingImage", ""))
    if given or image is None or image.framework != "xgboost" or "sagemaker_program" in hyperparameters:
        return given
    return [
        {"Name": f"{data}:{metric}", "Regex": rf"#011{data}-{metric}:([-+0-9.eE]+)"}
        for data in ("train", "validation")
        for metric in _XGBOOST
    ]
