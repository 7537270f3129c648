"""Metrics that built-in algorithms declare themselves: their requests carry no MetricDefinitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.executors.environments import catalogue
from sagehen.trainingtoolkit.algorithms.tabular.linear_learner import metrics as linear_learner

# Documented: SageMaker Developer Guide, Tune an XGBoost model; the names before the colon are the channels'.
# Twenty of them together, as many as a job may define.
_XGBOOST = ("rmse", "mae", "logloss", "error", "merror", "mlogloss", "auc", "aucpr", "ndcg", "map")
# Documented: the pages "Tune a ... model" of each algorithm; `pca` has none.
_QUALITY: Mapping[str, Sequence[tuple[str, str]]] = {
    "kmeans": [(channel, name) for channel in ("train", "test") for name in ("msd", "ssd")],
    "knn": [("test", "accuracy"), ("test", "mse")],
    "randomcutforest": [("test", name) for name in ("f1", "accuracy", "precision", "recall")],
    "linear-learner": [
        ("train", "objective_loss"),
        *((channel, name) for channel in ("validation", "test") for name in linear_learner.NAMES),
    ],
}


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
    if given or image is None or "sagemaker_program" in hyperparameters:
        return given
    if image.framework == "xgboost":
        return [
            {"Name": f"{data}:{metric}", "Regex": rf"#011{data}-{metric}:([-+0-9.eE]+)"}
            for data in ("train", "validation")
            for metric in _XGBOOST
        ]
    return [
        {"Name": f"{channel}:{name}", "Regex": rf"#quality_metric: host=\S+, {channel} {name} <\w+>=(\S+)"}
        for channel, name in _QUALITY.get(image.framework, ())
    ]
