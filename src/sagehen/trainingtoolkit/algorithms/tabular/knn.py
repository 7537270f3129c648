"""knn: the labels of the nearest rows. Documented: K-Nearest Neighbors (k-NN) Algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Data, Metric, Values, fitting
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples
from sagehen.trainingtoolkit.algorithms.tabular.hyperparameters import (
    Hyperparameters,
    either,
    one_of,
    whole,
)
from sagehen.trainingtoolkit.failure import ToolkitError

_METRICS = {"L2": "sqeuclidean", "COSINE": "cosine"}
_AT_ONCE = 1024


class KNN:
    hyperparameters = Hyperparameters(
        used={
            "feature_dim": whole(1),
            "k": whole(1),
            "predictor_type": one_of("classifier", "regressor"),
            "sample_size": whole(1),
            "dimension_reduction_type": one_of("sign", "fjlt"),
            "dimension_reduction_target": whole(1),
            "index_metric": one_of("L2", "COSINE", "INNER_PRODUCT"),
        },
        unused={
            "mini_batch_size": whole(1),
            "index_type": one_of("faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"),
            "faiss_index_ivf_nlists": either(whole(1), "auto"),
            "faiss_index_pq_m": whole(1),
        },
        required=("feature_dim", "k", "predictor_type", "sample_size"),
    )
    is_labelled = True
    stands_for_it = "scikit-learn's distances to every sampled row (exact: no index approximates them)"

    def train(self, data: Data, values: Values, jobs: int) -> dict[str, Any]:
        """Draw the sample, and reduce its dimensions."""
        import numpy as np

        train = data.train
        if train.labels is None:
            raise ToolkitError("The channel 'train' has no labels")
        size = min(values["sample_size"], len(train))
        if size < values["k"]:
            raise ToolkitError(f"k is {values['k']}, and the sample has {size} examples")
        chosen = np.sort(np.random.default_rng(0).choice(len(train), size, replace=False))
        rows = train.features[chosen]
        width = int(rows.shape[1])
        projection = _projection(width, values)
        if projection is not None:
            rows = rows @ projection
        rows = rows.toarray() if hasattr(rows, "toarray") else rows
        return {
            "width": width,
            "projection": projection,
            "rows": np.asarray(rows, np.float32),
            "labels": np.asarray(train.labels)[chosen],
            "k": values["k"],
            "classifies": values["predictor_type"] == "classifier",
            "metric": values.get("index_metric", "L2"),
        }

    def metrics(self, model: dict[str, Any], data: Data, values: Values) -> Iterator[tuple[str, Metric]]:
        """Yield the accuracy of a classifier, the squared error of a regressor, of the test channel."""
        import numpy as np

        test = data.test
        if test is None or test.labels is None:
            return
        found = np.array([one["predicted_label"] for one in self.predict(model, test, False)])
        if model["classifies"]:
            yield "test", ("accuracy", "score", float((found == test.labels).mean()))
        else:
            yield "test", ("mse", "loss", float(((found - test.labels) ** 2).mean()))

    def predict(self, model: dict[str, Any], features: Examples, verbose: bool) -> Sequence[dict[str, Any]]:
        """Return the label that most of the k nearest have, or their mean; verbose: which they were."""
        rows = fitting(features, model["width"]).features
        if model["projection"] is not None:
            rows = rows @ model["projection"]
        rows = rows.toarray() if hasattr(rows, "toarray") else rows
        answers = []
        for begin in range(0, len(rows), _AT_ONCE):
            answers += _answers(model, rows[begin : begin + _AT_ONCE], verbose)
        return answers


def _answers(model: dict[str, Any], rows: Any, verbose: bool) -> list[dict[str, Any]]:
    import numpy as np
    from sklearn.metrics import pairwise_distances

    if model["metric"] == "INNER_PRODUCT":
        distances = -(rows @ model["rows"].T)
    else:
        distances = pairwise_distances(rows, model["rows"], metric=_METRICS[model["metric"]])
    k = model["k"]
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(distances, nearest, 1), axis=1, kind="stable")
    nearest = np.take_along_axis(nearest, order, 1)
    answers = []
    for row, labels in enumerate(model["labels"][nearest]):
        if model["classifies"]:
            values, counts = np.unique(labels, return_counts=True)
            predicted = float(values[counts.argmax()])
        else:
            predicted = float(labels.mean())
        answer: dict[str, Any] = {"predicted_label": predicted}
        if verbose:
            answer |= {"distances": distances[row, nearest[row]].tolist(), "labels": labels.tolist()}
        answers.append(answer)
    return answers


def _projection(width: int, values: Values) -> Any | None:
    """Return a random matrix that keeps distances about as they are, or None."""
    import numpy as np

    kind, target = values.get("dimension_reduction_type"), values.get("dimension_reduction_target")
    if kind is None:
        return None
    if target is None or not target < width:
        raise ToolkitError("dimension_reduction_target must be smaller than feature_dim")
    random = np.random.default_rng(0)
    if kind == "sign":
        matrix = random.choice((-1.0, 1.0), (width, target)) / np.sqrt(target)
    else:  # of the same use as the fast transform, which is only faster for very wide rows
        matrix = random.normal(0, 1 / np.sqrt(target), (width, target))
    return matrix.astype(np.float32)
