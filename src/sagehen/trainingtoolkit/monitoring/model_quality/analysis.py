"""The analysis of model quality: predictions, truth and probabilities are read, and their metrics told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.trainingtoolkit.monitoring.model_quality import binary, multiclass, regression, thresholds
from sagehen.trainingtoolkit.monitoring.model_quality.columns import columns_of, numbers_of
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.reports import Reports
from sagehen.trainingtoolkit.monitoring.settings import BINARY, MULTICLASS, Settings

_INFERENCE, _PROBABILITY, _TRUTH = "inference_attribute", "probability_attribute", "ground_truth_attribute"


def analyze(batches: Iterable[Batch], settings: Settings, baseline: Mapping[str, Any] | None) -> Reports:
    """Analyze predictions.

    Raises:
        Refused: They, or the baseline, cannot be used.
    """
    given = {
        _TRUTH: settings.truth,
        _INFERENCE: settings.inference,
        # Of the other problem types there is nothing to tell by it, nor does AWS ask for it.
        _PROBABILITY: settings.probability if settings.problem_type == BINARY else None,
    }
    wanted = {what: attribute for what, attribute in given.items() if attribute is not None}
    columns, records = columns_of(batches, wanted)
    found = _metrics(settings, columns)
    told = {
        "version": 0.0,
        "dataset": {"item_count": records, "evaluation_time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"},
        thresholds.SECTIONS[settings.problem_type][0]: found,
    }
    broken = None if baseline is None else thresholds.violations(settings.problem_type, found, baseline)
    return Reports(told, thresholds.suggested(settings.problem_type, found), broken)


def _metrics(settings: Settings, columns: Mapping[str, list[str]]) -> dict[str, Any]:
    if settings.problem_type == MULTICLASS:
        return multiclass.metrics(columns[_TRUTH], columns[_INFERENCE])
    numbers = {what: numbers_of(values, what) for what, values in columns.items()}
    if settings.problem_type != BINARY:
        return regression.metrics(numbers[_TRUTH], numbers[_INFERENCE])
    probability = numbers.get(_PROBABILITY)
    predicted = numbers.get(_INFERENCE)
    if predicted is None:
        assert probability is not None
        predicted = (probability > settings.threshold).astype(float)
    return binary.metrics(numbers[_TRUTH], predicted, probability)
