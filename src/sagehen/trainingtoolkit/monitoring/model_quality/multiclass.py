"""Multiclass classification: metrics of each label, weighted by how often it is true, as Spark has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.trainingtoolkit.monitoring.model_quality.scores import f_score, ratio, scored
from sagehen.trainingtoolkit.monitoring.refusals import Refused

# Ours: the confusion matrix has that number squared.
_MOST_LABELS = 500
_F = {"weighted_f0_5": 0.5, "weighted_f1": 1.0, "weighted_f2": 2.0}
_CONSTANT = "best_constant_classifier"


def metrics(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, Any]:
    """Return the metrics of predicted labels.

    Raises:
        Refused: There are too many.
    """
    import numpy

    spelled = _spelled([*truth, *predicted])
    labels = sorted(set(spelled))
    if len(labels) > _MOST_LABELS:
        raise Refused(f"The dataset has {len(labels)} labels, and {_MOST_LABELS} at most can be told apart.")
    place = {label: number for number, label in enumerate(labels)}
    numbers = numpy.asarray([place[label] for label in spelled])
    true, said, count = numbers[: len(truth)], numbers[len(truth) :], len(labels)

    def confusion(some: Any) -> Any:
        return numpy.bincount(true[some] * count + said[some], minlength=count**2).reshape(count, count)

    def measure(some: Any) -> Mapping[str, float]:
        matrix = confusion(some)
        # The last label always: so the documented example, where the first would have been the better.
        constant = numpy.zeros_like(matrix)
        constant[:, -1] = matrix.sum(axis=1)
        return {**_of(matrix), **{f"{name}_{_CONSTANT}": value for name, value in _of(constant).items()}}

    whole = confusion(numpy.arange(len(truth)))
    told = {
        label: {other: int(whole[row, column]) for column, other in enumerate(labels)}
        for row, label in enumerate(labels)
    }
    return {"confusion_matrix": told, **scored(measure, len(truth))}


def _of(matrix: Any) -> dict[str, float]:
    """Return the metrics of a confusion matrix: rows are true, columns predicted."""
    records, true, said = float(matrix.sum()), matrix.sum(axis=1), matrix.sum(axis=0)
    hits = matrix.diagonal()
    rows = [
        (float(of) / records, ratio(hit, of), ratio(hit, all_said))
        for hit, of, all_said in zip(hits, true, said, strict=True)
    ]
    return {
        "accuracy": ratio(hits.sum(), records),
        "weighted_recall": sum(weight * recall for weight, recall, _ in rows),
        "weighted_precision": sum(weight * precision for weight, _, precision in rows),
        **{
            name: sum(weight * f_score(beta, precision, recall) for weight, recall, precision in rows)
            for name, beta in _F.items()
        },
    }


def _spelled(labels: list[str]) -> list[str]:
    """Return labels in one spelling where all are numbers: a model's answer of 1.0 is the label 1."""
    try:
        numbers = [float(label) for label in labels]
    except ValueError:
        return labels
    return [str(int(number)) if number.is_integer() else str(number) for number in numbers]
