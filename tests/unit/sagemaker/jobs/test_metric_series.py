"""What a metric's values come to, beside the same from all of them."""

from __future__ import annotations

import statistics
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sagehen.services.sagemaker.jobs.metric_series import MetricSeries, prolonged

VALUES = some.lists(some.floats(min_value=-1e6, max_value=1e6), min_size=1, max_size=40)


@given(VALUES)
def test_statistics_are_those_of_the_values(values: list[float]) -> None:
    series: dict[str, MetricSeries] = {}
    for at, value in enumerate(values):
        series = prolonged(series, {"loss": value}, float(at))
    told = MetricSeries.read(series["loss"].stored).summary("loss", "arn")
    assert (told["Min"], told["Max"], told["Last"]) == (min(values), max(values), values[-1])
    assert told["Count"] == len(values)
    assert told["Avg"] == pytest.approx(statistics.fmean(values), abs=1e-6)
    assert told["StdDev"] == pytest.approx(statistics.pstdev(values), abs=1e-3)


def test_the_largest_numbers_stay_numbers() -> None:
    most = sys.float_info.max
    series = prolonged(prolonged({}, {"loss": most}, 0.0), {"loss": -most}, 1.0)
    told = series["loss"].summary("loss", "arn")
    assert all(abs(told[name]) <= most for name in ("Avg", "StdDev", "Max", "Min"))
