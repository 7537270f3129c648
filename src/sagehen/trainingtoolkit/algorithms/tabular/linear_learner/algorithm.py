"""LinearLearner: the best of some linear models, and the threshold of a binary classifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Data, Metric, Values, fitting
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples
from sagehen.trainingtoolkit.algorithms.tabular.linear_learner import metrics, solvers, thresholds
from sagehen.trainingtoolkit.algorithms.tabular.linear_learner.losses import mean_loss
from sagehen.trainingtoolkit.algorithms.tabular.linear_learner.settings import (
    BINARY,
    HYPERPARAMETERS,
    LOSSES,
    MULTICLASS,
    REGRESSOR,
)
from sagehen.trainingtoolkit.failure import ToolkitError

# Where a job leaves wd to the algorithm, the one that the validation channel likes best; without that
# channel, the middle.
_TRIED_WD = (1e-6, 1e-4, 1e-2)


class LinearLearner:
    hyperparameters = HYPERPARAMETERS
    is_labelled = True
    stands_for_it = "scikit-learn's linear models, which go to the optimum where AWS's goes through epochs"

    def train(self, data: Data, values: Values, jobs: int) -> dict[str, Any]:
        """Fit a model for each wd that may be tried, and keep the one of least loss."""
        kind = values["predictor_type"]
        loss = values.get("loss", "auto")
        loss = LOSSES[kind][0] if loss == "auto" else loss
        if loss not in LOSSES[kind]:
            raise ToolkitError(f"The loss {loss} is not one of a {kind}'s: {', '.join(LOSSES[kind])}")
        classes = _checked_classes(kind, data, values)
        judged = data.validation or data.train
        tried = [values["wd"]] if "wd" in values else list(_TRIED_WD if data.validation else _TRIED_WD[1:2])
        if loss == "quantile_loss" and "wd" not in values:
            tried = [0.0]
        best: dict[str, Any] | None = None
        for wd in tried:
            model = _fitted(kind, loss, wd, data.train, classes, values)
            objective = mean_loss(loss, _raw(model, judged), judged.labels, values)
            if best is None or objective < best["objective"]:
                best = {**model, "objective": objective, "wd": wd}
        assert best is not None
        if kind == BINARY:
            scores, middle = _scores(best, _raw(best, judged)), 0.5 if loss == "logistic" else 0.0
            best["threshold"] = thresholds.threshold(scores, judged.labels, middle, values)
        return best

    def metrics(self, model: dict[str, Any], data: Data, values: Values) -> Iterator[tuple[str, Metric]]:
        """Yield what AWS's reports of each channel that has labels."""
        for channel in ("train", "validation", "test"):
            examples: Examples | None = getattr(data, channel)
            if examples is None or examples.labels is None:
                continue
            raw = _raw(model, examples)
            yield channel, ("objective_loss", "loss", mean_loss(model["loss"], raw, examples.labels, values))
            if channel != "train":
                for metric in metrics.of(model, _scores(model, raw), examples.labels, values):
                    yield channel, metric

    def predict(self, model: dict[str, Any], features: Examples, verbose: bool) -> Sequence[dict[str, Any]]:
        """Return the score of each example and, of classifiers, the label."""
        scores = _scores(model, _raw(model, features))
        if model["kind"] == REGRESSOR:
            return [{"score": score} for score in scores.tolist()]
        if model["kind"] == MULTICLASS:
            labels = scores.argmax(axis=1).tolist()
            pairs = zip(scores.tolist(), labels, strict=True)
            return [{"score": score, "predicted_label": label} for score, label in pairs]
        return [
            {"score": score, "predicted_label": int(score >= model["threshold"])} for score in scores.tolist()
        ]


def _checked_classes(kind: str, data: Data, values: Values) -> int:
    """Return how many classes there are: 0 of a regressor."""
    import numpy as np

    if kind == MULTICLASS and "num_classes" not in values:
        raise ToolkitError(
            "No value(s) were specified for 'num_classes' which are required hyperparameter(s) "
            "(caused by ValidationError)"
        )
    most = {BINARY: 2, MULTICLASS: int(values.get("num_classes", 0)), REGRESSOR: 0}[kind]
    for name in ("train", "validation", "test"):
        examples: Examples | None = getattr(data, name)
        if examples is None or (examples.labels is None and name == "test"):
            continue
        if examples.labels is None:
            raise ToolkitError(f"The channel '{name}' has no labels")
        if not np.isfinite(examples.labels).all():
            raise ToolkitError(f"The channel '{name}' has labels that are no numbers")
        if most and set(np.unique(examples.labels)) - set(range(most)):
            raise ToolkitError(f"The labels of channel '{name}' must be whole numbers from 0 to {most - 1}")
        if most and name == "train" and len(np.unique(examples.labels)) < 2:
            raise ToolkitError("All examples of the channel 'train' have the same label")
    return most


def _fitted(kind: str, loss: str, wd: float, train: Examples, classes: int, values: Values) -> dict[str, Any]:
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    rows, labels = train.features, np.asarray(train.labels, np.float64)
    is_sparse = hasattr(rows, "toarray")
    scaler = None
    if values.get("normalize_data", True):
        centered = not is_sparse and values.get("unbias_data", True)
        scaler = StandardScaler(with_mean=centered)
        rows = scaler.fit_transform(rows.astype(np.float64))
    shift, spread = 0.0, 1.0
    if kind == REGRESSOR and values.get("normalize_label", True):
        shift, spread = float(labels.mean()), float(labels.std()) or 1.0
        if values.get("use_bias") is False:
            shift = 0.0
    estimator = solvers.solver(loss, wd, values.get("l1") or 0.0, len(train), values)
    weight = _weights(kind, labels, values)
    estimator.fit(rows, (labels - shift) / spread, **({} if weight is None else {"sample_weight": weight}))
    weights = np.atleast_2d(estimator.coef_).T * spread
    bias = np.atleast_1d(np.asarray(estimator.intercept_, np.float64)) * spread + shift
    if scaler is not None:
        weights = weights / scaler.scale_[:, None]
        if scaler.with_mean:
            bias = bias - scaler.mean_ @ weights
    if kind == MULTICLASS:
        weights, bias = _all_classes(weights, bias, estimator.classes_.astype(int), classes)
    return {"kind": kind, "loss": loss, "weights": weights.astype(np.float32), "bias": bias}


def _all_classes(weights: Any, bias: Any, seen: Any, classes: int) -> tuple[Any, Any]:
    """Return weights for each class: those that no example has are never the answer."""
    import numpy as np

    if len(seen) == 2 and weights.shape[1] == 1:  # two classes have one column
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
    every, least = np.zeros((weights.shape[0], classes)), np.full(classes, -1e9)
    every[:, seen], least[seen] = weights, bias
    return every, least


def _weights(kind: str, labels: Any, values: Values) -> Any | None:
    import numpy as np

    mult = values.get("positive_example_weight_mult")
    if kind == BINARY and mult is not None:
        if mult == "balanced":
            mult = (labels < 0.5).sum() / max(1, (labels > 0.5).sum())
        return np.where(labels > 0.5, mult, 1.0)
    if kind == MULTICLASS and values.get("balance_multiclass_weights"):
        found, counts = np.unique(labels, return_counts=True)
        by_class = dict(zip(found.tolist(), (len(labels) / (len(found) * counts)).tolist(), strict=True))
        return np.array([by_class[label] for label in labels.tolist()])
    return None


def _raw(model: dict[str, Any], examples: Examples) -> Any:
    raw = fitting(examples, model["weights"].shape[0]).features @ model["weights"] + model["bias"]
    return raw if model["kind"] == MULTICLASS else raw[:, 0]


def _scores(model: dict[str, Any], raw: Any) -> Any:
    import numpy as np
    from scipy.special import expit, softmax

    if model["loss"] == "logistic":
        return expit(raw)
    return softmax(raw, axis=1) if model["loss"] == "softmax_loss" else np.asarray(raw)
