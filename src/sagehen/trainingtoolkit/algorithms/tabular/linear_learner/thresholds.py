"""Thresholds: from which score on a binary classifier says 1, by what the job wants of it."""

from __future__ import annotations

from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Values


def threshold(scores: Any, labels: Any, default: float, values: Values) -> float:
    """Return the best of all that the examples tell apart; of several the one nearest to the default.

    Args:
        default: The middle: 0.5 of probabilities, 0 of margins.
        values: `binary_classifier_model_selection_criteria` and its targets.
    """
    import numpy as np

    criteria = values.get("binary_classifier_model_selection_criteria", "accuracy")
    if criteria in ("loss_function", "cross_entropy_loss") or len(set(labels.tolist())) < 2:
        return default
    order = np.argsort(-scores, kind="stable")
    ranked, positive = scores[order], labels[order] > 0.5
    # After the n highest, n from 1; a threshold cannot part equal scores.
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    hits = np.cumsum(positive)[ends]
    taken, all_positive = ends + 1, positive.sum()
    precision, recall = hits / taken, hits / all_positive
    quality = _quality(criteria, hits, taken, all_positive, len(ranked), precision, recall, values)
    following = np.append(ranked, 2 * ranked[-1] - ranked[0] - 1)[ends + 1]
    between = (ranked[ends] + following) / 2
    best = np.flatnonzero(quality >= quality.max() - 1e-12)
    return float(between[best[np.abs(between[best] - default).argmin()]])


def _quality(
    criteria: str,
    hits: Any,
    taken: Any,
    all_positive: int,
    all_rows: int,
    precision: Any,
    recall: Any,
    values: Values,
) -> Any:
    import numpy as np

    if criteria == "accuracy":
        return (hits + (all_rows - all_positive) - (taken - hits)) / all_rows
    if criteria == "precision_at_target_recall":
        return np.where(recall >= values.get("target_recall", 0.8), precision, -1.0)
    if criteria == "recall_at_target_precision":
        reached = precision >= values.get("target_precision", 0.8)
        return np.where(reached, recall, -1.0) if reached.any() else precision
    weight = 1.0 if criteria == "f1" else values.get("f_beta", 1.0) ** 2
    return (1 + weight) * hits / (weight * all_positive + taken)
