"""From stored metrics to what is drawn; the drawing itself is tests/unit/plots'."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.clock import ManualClock
from sagehen.plots.bounds import TooMuchToDraw
from sagehen.plots.chart import Chart
from sagehen.plots.pictures.frames import DrawingFailed, missing
from sagehen.plots.totals import Totals
from sagehen.services.cloudwatch.errors import (
    InternalServiceFault,
    InvalidParameterValue,
    Throttling,
    ValidationError,
)
from tests.unit.cloudwatch.calls import Call


class Process:
    """Remembers what is drawn."""

    def __init__(self) -> None:
        self.pictures: list[Any] = []
        self.failure: Exception | None = None

    async def draw(self, picture: Chart | Totals) -> bytes:
        if self.failure is not None:
            raise self.failure
        self.pictures.append(picture)
        return b"png"

    async def stop(self) -> None: ...


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Process:
    process = Process()
    monkeypatch.setattr("sagehen.services.cloudwatch.widget_images.drawing.DrawingProcess", lambda: process)
    return process


@pytest.fixture
async def put(call: Call, clock: ManualClock) -> None:
    """Three minutes of a metric, the last of them not over yet."""
    await clock.advance(30)
    for minutes, value in ((2, 10.0), (1, 30.0), (0, 50.0)):
        at = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes)
        data = {"MetricName": "M", "Timestamp": at, "Value": value, "Unit": "Count"}
        await call("PutMetricData", Namespace="N", MetricData=[data])


async def picture(call: Call, drawing: Process, **widget: Any) -> Any:
    text = json.dumps({"metrics": [["N", "M", {"id": "m1"}]], "period": 60, **widget})
    assert await call("GetMetricWidgetImage", MetricWidget=text) == {"MetricWidgetImage": b"png"}
    return drawing.pictures[-1]


@pytest.mark.usefixtures("put")
async def test_a_chart_of_a_metric_and_of_an_expression(call: Call, drawing: Process) -> None:
    metrics = [["N", "M", {"id": "m1"}], [{"expression": "m1 * 2", "label": "twice", "yAxis": "right"}]]
    chart = await picture(call, drawing, metrics=metrics, liveData=True, title="T", timezone="+0100")
    one, two = chart.panels[0].series
    assert (one.label, one.ys, one.side) == ("M", (10, 30, 50), "left")
    assert (two.label, two.ys, two.side) == ("twice", (20, 60, 100), "right")
    assert (chart.title, chart.x.utc_offset_s, chart.panels[0].left.unit) == ("T", 3600, "Count")


@pytest.mark.usefixtures("put")
async def test_without_live_data_a_period_is_shown_a_minute_after_its_end(
    call: Call, drawing: Process, clock: ManualClock
) -> None:
    before = await picture(call, drawing)
    await clock.advance(60)
    after = await picture(call, drawing)
    shown = [chart.panels[0].series[0].ys for chart in (before, after)]
    assert len(shown[0]) + 1 == len(shown[1]) and shown[1][: len(shown[0])] == shown[0]


@pytest.mark.usefixtures("put")
@pytest.mark.parametrize(
    ("whole", "stat", "value"), [(False, "Sum", 50), (True, "Sum", 90), (True, "Average", 30)]
)
async def test_single_values_are_of_the_last_period_or_of_the_range(
    call: Call, drawing: Process, whole: bool, stat: str, value: float
) -> None:
    more = {"view": "singleValue", "setPeriodToTimeRange": whole, "stat": stat, "sparkline": True}
    totals = await picture(call, drawing, liveData=True, **more)
    (item,) = totals.items
    assert (item.value, item.unit, item.spark, totals.view) == (value, "Count", (10, 30, 50), "tiles")


@pytest.mark.parametrize(
    ("failure", "error", "words"),
    [
        (missing(), NotImplementedOperation, r"pip install 'sagehen\[plots\]'"),
        (DrawingFailed("x"), InternalServiceFault, "x"),
        (TooMuchToDraw("x"), ValidationError, "x"),
    ],
)
async def test_what_goes_wrong_with_drawing(
    call: Call, drawing: Process, failure: Exception, error: type[Exception], words: str
) -> None:
    drawing.failure = failure
    with pytest.raises(error, match=words):
        await picture(call, drawing)
    with pytest.raises(InvalidParameterValue, match="png, image/png"):
        await call("GetMetricWidgetImage", MetricWidget="{}", OutputFormat="gif")


async def test_where_no_turn_comes_the_client_is_told_to_ask_again(
    call: Call, drawing: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagehen.api.bounded.turns.MOST_OF_ONE", 0)
    answers = await asyncio.gather(*(picture(call, drawing) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Chart, Chart, Throttling]
