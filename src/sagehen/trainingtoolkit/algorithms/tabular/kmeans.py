"""kmeans: clusters of rows. Documented: K-Means Algorithm, its hyperparameters and response formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Data, Metric, Values, fitting
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples
from sagehen.trainingtoolkit.algorithms.tabular.hyperparameters import (
    Hyperparameters,
    either,
    names_of,
    one_of,
    real,
    truth,
    whole,
)
from sagehen.trainingtoolkit.failure import ToolkitError


class KMeans:
    hyperparameters = Hyperparameters(
        used={
            "k": whole(2),
            "feature_dim": whole(1),
            "init_method": one_of("random", "kmeans++"),
            "local_lloyd_max_iter": whole(1),
            "local_lloyd_tol": real(0, 1),
            "local_lloyd_num_trials": whole(1, auto=True),
            "eval_metrics": names_of("msd", "ssd"),
        },
        unused={
            "epochs": whole(1),
            "mini_batch_size": whole(1),
            "extra_center_factor": either(whole(1), "auto"),
            "half_life_time_size": whole(0),
            "force_dense": truth,  # the SDK sends it
            "local_lloyd_init_method": one_of("random", "kmeans++"),
        },
        required=("k", "feature_dim"),
    )
    is_labelled = False
    stands_for_it = "scikit-learn's KMeans (Lloyd's algorithm over all rows; AWS's goes over batches first)"

    def train(self, data: Data, values: Values, jobs: int) -> dict[str, Any]:
        """Find k centers."""
        from sklearn.cluster import KMeans as Solver

        if len(data.train) < values["k"]:
            raise ToolkitError(f"k is {values['k']}, and there are {len(data.train)} examples")
        method = values.get("init_method", "random")
        solver = Solver(
            values["k"],
            init="k-means++" if method == "kmeans++" else "random",
            n_init=values.get("local_lloyd_num_trials", 10 if method == "random" else 3),
            max_iter=values.get("local_lloyd_max_iter", 300),
            tol=values.get("local_lloyd_tol", 0.0001),
            random_state=0,
        )
        solver.fit(data.train.features)
        return {"centers": solver.cluster_centers_.astype("float32")}

    def metrics(self, model: dict[str, Any], data: Data, values: Values) -> Iterator[tuple[str, Metric]]:
        """Yield the mean (msd) and the sum (ssd) of squared distances."""
        for channel, examples in (("train", data.train), ("test", data.test)):
            if examples is None:
                continue
            squared = _nearest(model, examples)[1] ** 2
            for name in values.get("eval_metrics", ["msd"]):
                yield channel, (name, "loss", float(squared.mean() if name == "msd" else squared.sum()))

    def predict(self, model: dict[str, Any], features: Examples, verbose: bool) -> Sequence[dict[str, Any]]:
        """Return the nearest cluster and how far its center is."""
        nearest, distance = _nearest(model, features)
        return [
            {"distance_to_cluster": float(far), "closest_cluster": float(cluster)}
            for cluster, far in zip(nearest, distance, strict=True)
        ]


def _nearest(model: dict[str, Any], examples: Examples) -> tuple[Any, Any]:
    import numpy as np
    from sklearn.metrics import pairwise_distances_argmin_min

    centers = np.asarray(model["centers"], np.float64)
    rows = fitting(examples, centers.shape[1]).features
    return pairwise_distances_argmin_min(rows.astype(np.float64), centers)  # type: ignore[no-any-return]
