"""Models: the algorithms by the names of their images, and what a job leaves in model.tar.gz."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Algorithm

# Documented: AWS's jobs leave a file of this name, of MXNet's form; ours is joblib's.
MODEL_FILE = "model_algo-1"
_HERE = "sagehen.trainingtoolkit.algorithms.tabular"
_CLASSES = {
    "linear-learner": (f"{_HERE}.linear_learner.algorithm", "LinearLearner"),
    "kmeans": (f"{_HERE}.kmeans", "KMeans"),
    "pca": (f"{_HERE}.pca", "PCA"),
    "knn": (f"{_HERE}.knn", "KNN"),
    "randomcutforest": (f"{_HERE}.random_cut_forest", "RandomCutForest"),
}
NAMES = frozenset(_CLASSES)


def algorithm(name: str) -> Algorithm:
    """Return the algorithm of an image's name. KeyError where there is none."""
    module, noun = _CLASSES[name]
    made: Algorithm = getattr(import_module(module), noun)()
    return made


def save(folder: Path, name: str, model: dict[str, Any]) -> None:
    """Write the model; a file that is there is always whole."""
    import joblib

    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{MODEL_FILE}"
    joblib.dump({"algorithm": name, "model": model}, partial)
    partial.replace(folder / MODEL_FILE)


def load(folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the name of the algorithm, and its model.

    Raises:
        ValueError: There is no model of these algorithms in the folder.
    """
    import joblib

    path = folder / MODEL_FILE
    if not path.is_file():
        raise ValueError(f"There is no {MODEL_FILE} in {folder}")
    # The user's own file, in the user's own sandbox.
    kept = joblib.load(path)
    if not isinstance(kept, dict) or kept.get("algorithm") not in NAMES:
        raise ValueError(f"{path} is of no algorithm that is known here (AWS's own are of MXNet's form)")
    return kept["algorithm"], kept["model"]
