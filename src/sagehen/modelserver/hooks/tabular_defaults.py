"""Default hooks of SageMaker's own algorithms for tables: examples in, predictions out, in AWS's forms.

Source: SageMaker Developer Guide, Common data formats for inference, and each algorithm's response formats.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sagehen.modelserver.hooks import content
from sagehen.modelserver.hooks.errors import BadInput, UnsupportedAccept, UnsupportedContentType, as_text
from sagehen.trainingtoolkit.algorithms.tabular import examples, models, recordio
from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Algorithm
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples, UnreadableExamples

# The word that holds the predictions of a JSON answer.
_OUTER = {"pca": "projections", "randomcutforest": "scores"}
# What knn tells where it is asked to.
_VERBOSE = ("distances", "labels")
# Shown by clients of AWS's for examples of another width, say.
_UNUSABLE = "unable to evaluate payload provided"


class CannotEvaluate(Exception):
    """The examples are not such as the model was trained on."""


class TabularDefaults:
    """What the containers of linear-learner, kmeans, pca, knn and randomcutforest do."""

    name = "tabular"
    statuses: Mapping[type[Exception], int] = {
        BadInput: 400,
        UnsupportedContentType: 415,
        CannotEvaluate: 400,
    }

    def __init__(self) -> None:
        self._outer = "predictions"

    @staticmethod
    def failure(message: str, status: int) -> tuple[bytes, str]:
        """Return the words."""
        return as_text(message, status)

    def load_model(self, model_dir: Path) -> tuple[Algorithm, dict[str, Any]]:
        """Load what a training job left. ValueError where it is no model of these algorithms."""
        name, model = models.load(model_dir)
        self._outer = _OUTER.get(name, "predictions")
        return models.algorithm(name), model

    def decode(self, data: str | bytes, content_type: str) -> Examples:
        """Return the examples of a body, which have no labels."""
        kind = content.media_type(content_type or examples.CSV)
        readers: dict[str, Callable[[bytes], Examples]] = {
            examples.CSV: lambda body: examples.of_csv(body, 0),
            examples.JSON: examples.of_json,
            examples.JSON_LINES: examples.of_json_lines,
            examples.RECORDIO: examples.of_recordio,
        }
        if kind not in readers:
            raise UnsupportedContentType(content_type)
        try:
            return readers[kind](data.encode() if isinstance(data, str) else data)
        except UnreadableExamples as error:
            raise BadInput(f"{_UNUSABLE}: {error}") from error

    def predict(self, data: Examples, model: tuple[Algorithm, dict[str, Any]]) -> Sequence[dict[str, Any]]:
        """Return the labels of each example."""
        algorithm, fitted = model
        try:
            return algorithm.predict(fitted, data, verbose=True)
        except ValueError as error:
            raise CannotEvaluate(f"{_UNUSABLE}: {error}") from error

    def encode(self, prediction: Any, accept: str) -> tuple[bytes, str]:
        """Return JSON, JSON lines or RecordIO-protobuf."""
        for wanted in accept.split(","):
            kind = content.media_type(wanted)
            rows = prediction if "verbose=true" in wanted.replace(" ", "") else _without_verbose(prediction)
            if kind in (content.JSON, content.ANY, ""):
                return json.dumps({self._outer: rows}).encode(), content.JSON
            if kind == examples.JSON_LINES:
                lines = "".join(f"{json.dumps(row)}\n" for row in rows)
                return lines.encode(), examples.JSON_LINES
            if kind == examples.RECORDIO:
                listed = [
                    {name: value if isinstance(value, list) else [value] for name, value in row.items()}
                    for row in rows
                ]
                return recordio.encoded(listed), examples.RECORDIO
        raise UnsupportedAccept(accept)


def _without_verbose(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in _VERBOSE} for row in rows]
