"""GetMetricWidgetImage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.plots.bounds import TooMuchToDraw
from sagehen.plots.chart import Chart
from sagehen.plots.pictures.frames import DrawingFailed, PicturesUnavailable
from sagehen.plots.pictures.process import DrawingProcess, TooManyPictures
from sagehen.plots.totals import Totals
from sagehen.services.cloudwatch.alarms.records import AlarmRecords
from sagehen.services.cloudwatch.errors import (
    InternalServiceFault,
    InvalidParameterValue,
    Throttling,
    ValidationError,
)
from sagehen.services.cloudwatch.metric_data.stored import StoredValues
from sagehen.services.cloudwatch.widget_images.data import WidgetData
from sagehen.services.cloudwatch.widget_images.picture import picture_of
from sagehen.services.cloudwatch.widget_images.reading import read_widget

_FORMATS = ("png", "image/png")


class WidgetImages:
    """GetMetricWidgetImage. Data are read in a thread, the picture is drawn by a process of its own."""

    def __init__(
        self, stored: StoredValues, alarms: AlarmRecords, drawing: DrawingProcess, clock: Clock
    ) -> None:
        self._data = WidgetData(stored, clock)
        self._alarms = alarms
        self._drawing = drawing
        self._clock = clock

    @operation("GetMetricWidgetImage")
    async def get_metric_widget_image(self, context: RequestContext, request: Request) -> Any:
        """Draw a widget.

        Returns:
            The picture in the answer's member, or, for `image/png`, as the answer's body.

        Raises:
            ValidationError: The widget.
            InvalidParameterValue: The format, or a statistic.
            NotImplementedOperation: A member without effect here; metric math that is not built; no
                matplotlib is installed.
            Throttling: Others wait already.
        """
        wanted = request.get("OutputFormat") or "png"
        if wanted not in _FORMATS:
            raise InvalidParameterValue(f"The parameter OutputFormat must be one of: {', '.join(_FORMATS)}.")
        try:
            picture = await asyncio.to_thread(self._picture, request["MetricWidget"], context.scope)
            png = await self._drawing.draw(picture)
        except PicturesUnavailable as error:
            raise NotImplementedOperation(f"GetMetricWidgetImage: {error}") from None
        except TooMuchToDraw as error:  # expressions may come to any number of series
            raise ValidationError(str(error)) from None
        except TooManyPictures:
            raise Throttling("Rate exceeded") from None
        except DrawingFailed as error:
            raise InternalServiceFault(f"The picture could not be drawn: {error}") from None
        if wanted == "image/png":
            return Reply(body=png, headers={"Content-Type": "image/png"})
        return {"MetricWidgetImage": png}

    def _picture(self, text: str, scope: Scope) -> Chart | Totals:
        def find_alarm(name: str) -> Mapping[str, Any] | None:
            alarm = self._alarms.get(scope, name)
            return alarm.configuration if alarm is not None and alarm.kind == "MetricAlarm" else None

        widget = read_widget(text, scope, self._clock.now(), find_alarm)
        drawn = self._data.series(widget, scope)
        whole = widget.whole_range and widget.view != "timeSeries"
        return picture_of(widget, drawn, self._data.series(widget, scope, widget.range_s) if whole else None)
