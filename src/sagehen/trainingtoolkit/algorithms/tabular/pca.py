"""pca: principal components. Documented: Principal Component Analysis (PCA) Algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Data, Metric, Values, fitting
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples
from sagehen.trainingtoolkit.algorithms.tabular.hyperparameters import Hyperparameters, one_of, truth, whole
from sagehen.trainingtoolkit.failure import ToolkitError


class PCA:
    hyperparameters = Hyperparameters(
        used={
            "feature_dim": whole(1),
            "num_components": whole(1),
            "algorithm_mode": one_of("regular", "randomized"),
            "extra_components": whole(-1),
            "subtract_mean": truth,
        },
        unused={"mini_batch_size": whole(1)},
        required=("feature_dim", "num_components", "mini_batch_size"),
    )
    is_labelled = False
    stands_for_it = "NumPy's singular values, or scikit-learn's randomized ones"

    def train(self, data: Data, values: Values, jobs: int) -> dict[str, Any]:
        """Find the components; the one of most variance is the last, as in AWS's model (from memory)."""
        import numpy as np
        from sklearn.utils.extmath import randomized_svd

        rows = data.train.dense.astype(np.float64)
        wanted = values["num_components"]
        if wanted > min(rows.shape):
            raise ToolkitError(
                f"num_components is {wanted}, and there are {rows.shape[0]} examples of "
                f"{rows.shape[1]} features"
            )
        mean = rows.mean(axis=0) if values.get("subtract_mean", True) else np.zeros(rows.shape[1])
        if values.get("algorithm_mode", "regular") == "randomized":
            extra = values.get("extra_components", -1)
            over = max(10, wanted) if extra == -1 else extra
            _, singular, components = randomized_svd(rows - mean, wanted, n_oversamples=over, random_state=0)
        else:
            _, singular, components = np.linalg.svd(rows - mean, full_matrices=False)
        order = slice(wanted - 1, None, -1)
        return {
            "mean": mean.astype(np.float32),
            "s": singular[order].astype(np.float32),
            "v": components[order].T.astype(np.float32),
        }

    def metrics(self, model: dict[str, Any], data: Data, values: Values) -> Iterator[tuple[str, Metric]]:
        """Yield nothing: AWS's algorithm reports none."""
        return iter(())

    def predict(self, model: dict[str, Any], features: Examples, verbose: bool) -> Sequence[dict[str, Any]]:
        """Return the projection of each row."""
        rows = fitting(features, len(model["mean"])).dense
        return [{"projection": row} for row in ((rows - model["mean"]) @ model["v"]).tolist()]
