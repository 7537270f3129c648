"""Solvers: which of scikit-learn's stands for a loss.

They minimize the mean loss + l1 |w| + wd/2 |w|^2, as AWS's algorithm does.
"""

from __future__ import annotations

from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Values
from sagehen.trainingtoolkit.failure import ToolkitError

# Above it a solver stops, converged or not; a mature SGD is far below it.
_MOST_ROUNDS = 1000


def solver(loss: str, wd: float, l1: float, rows: int, values: Values) -> Any:
    """Return an estimator that was not fitted.

    Args:
        rows: How many examples there are: some of scikit-learn's sum over them where others take the mean.

    Raises:
        ToolkitError: No solver takes l1 with this loss.
    """
    from sklearn import linear_model

    bias = values.get("use_bias") is not False
    if loss in ("logistic", "softmax_loss") and not l1:
        return linear_model.LogisticRegression(
            C=1 / (rows * max(wd, 1e-12)), fit_intercept=bias, max_iter=_MOST_ROUNDS
        )
    if loss == "softmax_loss":
        raise ToolkitError("l1 is not implemented here for multiclass_classifier: leave it out, or use wd")
    if loss == "squared_loss" and not l1:
        return linear_model.Ridge(alpha=rows * wd / 2, fit_intercept=bias)
    if loss == "squared_loss":  # its loss is half of the mean square
        return linear_model.ElasticNet(
            alpha=(l1 + wd) / 2, l1_ratio=l1 / (l1 + wd), fit_intercept=bias, max_iter=_MOST_ROUNDS
        )
    if loss == "quantile_loss":
        if wd:
            raise ToolkitError("wd is not implemented here for quantile_loss: leave it out, or use l1")
        return linear_model.QuantileRegressor(
            quantile=values.get("quantile", 0.5), alpha=l1, fit_intercept=bias
        )
    return _by_gradients(loss, wd, l1, bias, values)


def _by_gradients(loss: str, wd: float, l1: float, bias: bool, values: Values) -> Any:
    from sklearn import linear_model

    alpha = wd + l1
    common: dict[str, Any] = {
        "penalty": "elasticnet",
        "alpha": max(alpha, 1e-12),
        "l1_ratio": l1 / alpha if alpha else 0.0,
        "fit_intercept": bias,
        "max_iter": max(values.get("epochs", 15), _MOST_ROUNDS),
        "learning_rate": "adaptive",
        "eta0": 0.01,
        "tol": 1e-5,
        "random_state": 0,
    }
    if loss in ("logistic", "hinge_loss"):
        kind = "log_loss" if loss == "logistic" else "hinge"
        return linear_model.SGDClassifier(loss=kind, **common)
    insensitivity = values.get("loss_insensitivity", 0.01)
    kind, epsilon = {
        "absolute_loss": ("epsilon_insensitive", 0.0),
        "eps_insensitive_absolute_loss": ("epsilon_insensitive", insensitivity),
        "eps_insensitive_squared_loss": ("squared_epsilon_insensitive", insensitivity),
        "huber_loss": ("huber", values.get("huber_delta", 1.0)),
    }[loss]
    return linear_model.SGDRegressor(loss=kind, epsilon=epsilon, **common)
