"""Binary classification: of labels 0 and 1, and of probabilities where there are any.

The best constant classifier says 1 always: so the example of the documentation, which has one positive
record of four and a recall of 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.trainingtoolkit.monitoring.model_quality.scores import f_score, ratio, scored
from sagehen.trainingtoolkit.monitoring.refusals import Refused

# Ours: as many points of a curve are enough to draw it.
_MOST_POINTS = 1_000
_F = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}


def metrics(truth: Any, predicted: Any, probability: Any | None) -> dict[str, Any]:
    """Return the metrics of predicted labels.

    Args:
        probability: That a record is positive; without it there are no curves, and no auc.

    Raises:
        Refused: A label is neither 0 nor 1.
    """
    _require_labels(truth, "ground_truth_attribute")
    _require_labels(predicted, "inference_attribute")

    def measure(some: Any) -> Mapping[str, float]:
        found = dict(_of_labels(truth[some], predicted[some]))
        if probability is not None:
            found["auc"] = _area(*_roc(truth[some], probability[some]))
        return found

    (right, false_alarms), (missed, hits) = _confusion(truth, predicted)
    found: dict[str, Any] = {
        "confusion_matrix": {"0": {"0": right, "1": false_alarms}, "1": {"0": missed, "1": hits}},
        **scored(measure, len(truth)),
    }
    if probability is not None and 0 < truth.sum() < len(truth):
        found |= _curves(truth, probability)
    return found


def _require_labels(values: Any, what: str) -> None:
    if not set(values.tolist()) <= {0.0, 1.0}:
        raise Refused(f"{what} must have the labels 0 and 1 for problem_type BinaryClassification.")


def _confusion(truth: Any, predicted: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return how often what was true was predicted as what."""
    hits = int((truth * predicted).sum())
    missed, false_alarms = int(truth.sum()) - hits, int(predicted.sum()) - hits
    return (len(truth) - hits - missed - false_alarms, false_alarms), (missed, hits)


def _of_labels(truth: Any, predicted: Any) -> Mapping[str, float]:
    (right, false_alarms), (missed, hits) = _confusion(truth, predicted)
    positive, negative = hits + missed, right + false_alarms
    recall, precision = ratio(hits, positive), ratio(hits, hits + false_alarms)
    constant = ratio(positive, positive + negative)
    found = {
        "recall": recall,
        "precision": precision,
        "accuracy": ratio(hits + right, positive + negative),
        "recall_best_constant_classifier": 1.0 if positive else 0.0,
        "precision_best_constant_classifier": constant,
        "accuracy_best_constant_classifier": constant,
        "true_positive_rate": recall,
        "true_negative_rate": ratio(right, negative),
        "false_positive_rate": ratio(false_alarms, negative),
        "false_negative_rate": ratio(missed, positive),
    }
    for name, beta in _F.items():
        found[name] = f_score(beta, precision, recall)
        found[f"{name}_best_constant_classifier"] = f_score(beta, constant, 1.0 if positive else 0.0)
    return found


def _ranked(truth: Any, probability: Any) -> tuple[Any, Any]:
    """Return how many negative and positive records are above each different probability, from 0 to all."""
    import numpy

    order = numpy.argsort(-probability, kind="stable")
    ends = numpy.append(numpy.nonzero(numpy.diff(probability[order]))[0], len(truth) - 1)
    positive = numpy.cumsum(truth[order])[ends]
    return numpy.append(0.0, 1 + ends - positive), numpy.append(0.0, positive)


def _roc(truth: Any, probability: Any) -> tuple[Any, Any]:
    negative, positive = _ranked(truth, probability)
    if not negative[-1] or not positive[-1]:
        return negative * float("nan"), positive * float("nan")
    return negative / negative[-1], positive / positive[-1]


def _area(x: Any, y: Any) -> float:
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1])).sum() / 2)


def _curves(truth: Any, probability: Any) -> dict[str, Any]:
    import numpy

    negative, positive = _ranked(truth, probability)
    count = len(positive)
    points = numpy.unique(numpy.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(int))
    # Nothing is predicted to be positive: precision is 1 by convention, as in the documented example.
    precision = numpy.append(1.0, positive[1:] / (positive[1:] + negative[1:]))
    return {
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": (negative / negative[-1])[points].tolist(),
            "true_positive_rates": (positive / positive[-1])[points].tolist(),
        },
        "precision_recall_curve": {
            "precisions": precision[points].tolist(),
            "recalls": (positive / positive[-1])[points].tolist(),
        },
    }
