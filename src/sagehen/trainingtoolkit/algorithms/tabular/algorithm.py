"""Algorithm: what the five have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples
from sagehen.trainingtoolkit.algorithms.tabular.hyperparameters import Hyperparameters

Values = Mapping[str, Any]
# Name, sort ("loss" or "score") and value, as AWS's `#quality_metric` lines have them.
Metric = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class Data:
    """The channels of a job; None where it has none of that name."""

    train: Examples
    validation: Examples | None = None
    test: Examples | None = None


class Algorithm(Protocol):
    """One algorithm: from examples to a model, and from a model to predictions."""

    hyperparameters: Hyperparameters
    is_labelled: bool  # its CSV has labels in the first column where nothing else is said
    stands_for_it: str  # what the log says of what computes here

    def train(self, data: Data, values: Values, jobs: int) -> dict[str, Any]:
        """Return a model, as joblib can keep it.

        Raises:
            ToolkitError: The data do not fit the hyperparameters.
        """

    def metrics(self, model: dict[str, Any], data: Data, values: Values) -> Iterator[tuple[str, Metric]]:
        """Yield the channel and its metric, in the names of AWS's."""

    def predict(self, model: dict[str, Any], features: Examples, verbose: bool) -> Sequence[dict[str, Any]]:
        """Return the labels of each example: a number, or a list of them, by name.

        Raises:
            ValueError: The examples are of another width than those that it was trained on.
        """


def fitting(examples: Examples, width: int) -> Examples:
    """Return the examples, whose width has to be the model's.

    Raises:
        ValueError: It is not.
    """
    found = int(examples.features.shape[1])
    if found != width:
        raise ValueError(f"{found} features are given where the model has {width}")
    return examples
