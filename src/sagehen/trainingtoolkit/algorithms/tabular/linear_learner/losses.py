"""Losses: the mean over examples, of what a linear model says of them."""

from __future__ import annotations

from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Values


def mean_loss(loss: str, raw: Any, labels: Any, values: Values) -> float:
    """Return the objective without its penalties.

    Args:
        raw: `x w + b`: one number an example, or one for each class.
        labels: 0 and 1, the numbers of classes, or what is to be predicted.
    """
    import numpy as np

    if loss == "softmax_loss":
        shifted = raw - raw.max(axis=1, keepdims=True)
        chosen = shifted[np.arange(len(raw)), labels.astype(int)]
        return float((np.log(np.exp(shifted).sum(axis=1)) - chosen).mean())
    if loss in ("logistic", "hinge_loss"):
        margins = raw * np.where(labels > 0.5, 1, -1)
        each = np.logaddexp(0, -margins) if loss == "logistic" else np.maximum(0, 1 - margins)
        return float(each.mean())
    misses = labels - raw
    far, beyond = np.abs(misses), np.maximum(0, np.abs(misses) - values.get("loss_insensitivity", 0.01))
    delta, quantile = values.get("huber_delta", 1.0), values.get("quantile", 0.5)
    each = {
        "squared_loss": misses**2,
        "absolute_loss": far,
        "eps_insensitive_absolute_loss": beyond,
        "eps_insensitive_squared_loss": beyond**2,
        "quantile_loss": np.maximum(quantile * misses, (quantile - 1) * misses),
        "huber_loss": np.where(far <= delta, misses**2 / 2, delta * (far - delta / 2)),
    }[loss]
    return float(each.mean())
