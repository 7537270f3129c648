"""Scores: the metrics of a problem type, each with how much it varies.

Documented: Model quality metrics. Standard deviations are of five samples of 80 % each, where there are at
least 200 records; else they are "NaN".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from sagehen.trainingtoolkit.monitoring.reports import number

_LEAST, _SAMPLES, _SHARE = 200, 5, 0.8

# The metrics of the records of some indices.
Measure = Callable[[Any], Mapping[str, float]]


def scored(measure: Measure, records: int) -> dict[str, dict[str, float | str]]:
    """Return each metric's value and standard deviation. Chance decides, the same for as many records."""
    import numpy

    everything = numpy.arange(records)
    samples: list[Mapping[str, float]] = []
    with numpy.errstate(over="ignore", invalid="ignore"):  # what is too large is told by its name
        values = measure(everything)
        if records >= _LEAST:
            chance = numpy.random.default_rng(0)
            size = int(records * _SHARE)
            samples = [measure(chance.choice(everything, size, replace=False)) for _ in range(_SAMPLES)]
        deviations = {
            name: float(numpy.std([one[name] for one in samples])) if samples else math.nan for name in values
        }
    return {
        name: {"value": number(value), "standard_deviation": number(deviations[name])}
        for name, value in values.items()
    }


def ratio(part: float, whole: float) -> float:
    """Return a share; of nothing it is 0, as Spark's metrics have it."""
    return float(part) / float(whole) if whole else 0.0


def f_score(beta: float, precision: float, recall: float) -> float:
    """Return the weighted harmonic mean of precision and recall."""
    return ratio((1 + beta**2) * precision * recall, beta**2 * precision + recall)
