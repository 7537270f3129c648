"""Regression: mae, mse, rmse, r2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.trainingtoolkit.monitoring.model_quality.scores import scored


def metrics(truth: Any, predicted: Any) -> dict[str, Any]:
    """Return the metrics of predicted numbers."""

    def measure(some: Any) -> Mapping[str, float]:
        wrong, of = predicted[some] - truth[some], truth[some]
        squared, total = float((wrong**2).mean()), float(((of - of.mean()) ** 2).mean())
        return {
            "mae": float(abs(wrong).mean()),
            "mse": squared,
            "rmse": squared**0.5,
            # Of a truth that is always the same it says nothing.
            "r2": 1 - squared / total if total else float("nan"),
        }

    return scored(measure, len(truth))
