"""Metrics of the algorithm, by AWS's names. Documented: Tune a linear learner model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Metric, Values
from sagehen.trainingtoolkit.algorithms.tabular.linear_learner.settings import BINARY, MULTICLASS

# Name -> "score" or "loss"; what a job of another kind of predictor does not print is never found.
NAMES = {
    "objective_loss": "loss", "binary_classification_accuracy": "score", "binary_f_beta": "score",
    "precision": "score", "recall": "score", "roc_auc_score": "score", "multiclass_accuracy": "score",
    "macro_recall": "score", "macro_precision": "score", "macro_f_beta": "score", "mse": "loss",
    "rmse": "loss", "absolute_loss": "loss", "r2": "score",
}  # fmt: skip


def of(model: dict[str, Any], scores: Any, labels: Any, values: Values) -> Iterator[Metric]:
    """Yield the metrics of one channel.

    Args:
        scores: As the model's `score` of each example.
    """
    for name, value in _values(model, scores, labels, values.get("f_beta", 1.0)):
        yield name, NAMES[name], float(value)


def _values(model: dict[str, Any], scores: Any, labels: Any, beta: float) -> Iterator[tuple[str, float]]:
    import numpy as np
    from sklearn import metrics

    if model["kind"] == BINARY:
        found, true = scores >= model["threshold"], labels > 0.5
        yield "binary_classification_accuracy", (found == true).mean()
        yield "binary_f_beta", metrics.fbeta_score(true, found, beta=beta, zero_division=0)
        yield "precision", metrics.precision_score(true, found, zero_division=0)
        yield "recall", metrics.recall_score(true, found, zero_division=0)
        if true.any() and not true.all():
            yield "roc_auc_score", metrics.roc_auc_score(true, scores)
        return
    if model["kind"] == MULTICLASS:
        found, true = scores.argmax(axis=1), labels.astype(int)
        yield "multiclass_accuracy", (found == true).mean()
        yield "macro_recall", metrics.recall_score(true, found, average="macro", zero_division=0)
        yield "macro_precision", metrics.precision_score(true, found, average="macro", zero_division=0)
        yield "macro_f_beta", metrics.fbeta_score(true, found, beta=beta, average="macro", zero_division=0)
        return
    squared = ((scores - labels) ** 2).mean()
    yield "mse", squared
    yield "rmse", np.sqrt(squared)
    yield "absolute_loss", np.abs(scores - labels).mean()
    if len(labels) > 1:
        yield "r2", metrics.r2_score(labels, scores)
