"""randomcutforest: how unusual a row is. Documented: Random Cut Forest (RCF) Algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Data, Metric, Values, fitting
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples
from sagehen.trainingtoolkit.algorithms.tabular.hyperparameters import Hyperparameters, names_of, whole


class RandomCutForest:
    hyperparameters = Hyperparameters(
        used={
            "feature_dim": whole(1, 10_000),
            "num_trees": whole(50, 1000),
            "num_samples_per_tree": whole(1, 2048),
            "eval_metrics": names_of("accuracy", "precision_recall_fscore"),
        },
        unused={"mini_batch_size": whole(1)},
        required=("feature_dim",),
    )
    is_labelled = False
    stands_for_it = (
        "scikit-learn's IsolationForest: rows come in much the same order, on another scale, so that a "
        "threshold of your own has to be found anew on AWS"
    )

    def train(self, data: Data, values: Values, jobs: int) -> dict[str, Any]:
        """Grow the forest."""
        from sklearn.ensemble import IsolationForest

        forest = IsolationForest(
            n_estimators=values.get("num_trees", 100),
            max_samples=min(values.get("num_samples_per_tree", 256), len(data.train)),
            random_state=0,
            n_jobs=jobs,
        )
        forest.fit(data.train.features)
        scores = -forest.score_samples(data.train.features)
        # Documented: scores beyond three standard deviations from the mean are considered anomalous.
        threshold = float(scores.mean() + 3 * scores.std())
        forest.set_params(n_jobs=1)
        return {"forest": forest, "width": int(data.train.features.shape[1]), "threshold": threshold}

    def metrics(self, model: dict[str, Any], data: Data, values: Values) -> Iterator[tuple[str, Metric]]:
        """Yield what the test channel's labels (1: an anomaly) say of the threshold."""
        import numpy as np

        test = data.test
        if test is None or test.labels is None:
            return
        found = np.array([one["score"] for one in self.predict(model, test, False)]) > model["threshold"]
        true = np.asarray(test.labels) > 0.5
        hits = float((found & true).sum())
        wanted = values.get("eval_metrics", ["accuracy", "precision_recall_fscore"])
        if "accuracy" in wanted:
            yield "test", ("accuracy", "score", float((found == true).mean()))
        if "precision_recall_fscore" in wanted:
            precision = hits / found.sum() if found.any() else 0.0
            recall = hits / true.sum() if true.any() else 0.0
            both = precision + recall
            yield "test", ("precision", "score", float(precision))
            yield "test", ("recall", "score", float(recall))
            yield "test", ("f1", "score", float(2 * precision * recall / both if both else 0.0))

    def predict(self, model: dict[str, Any], features: Examples, verbose: bool) -> Sequence[dict[str, Any]]:
        """Return the score of each row."""
        rows = fitting(features, model["width"]).features
        return [{"score": float(score)} for score in -model["forest"].score_samples(rows)]
