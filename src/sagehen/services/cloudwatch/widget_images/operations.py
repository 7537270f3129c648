"""GetMetricWidgetImage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sagehen.api.bounded.turns import NoTurn, Turns
from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.records import AlarmRecords
from sagehen.services.cloudwatch.errors import InvalidParameterValue, Throttling
from sagehen.services.cloudwatch.metric_data.stored import StoredValues

if TYPE_CHECKING:  # what widgets take is imported by the first: a start does without it
    from sagehen.plots.chart import Chart
    from sagehen.plots.totals import Totals
    from sagehen.services.cloudwatch.widget_images.drawing import Drawing

_FORMATS = ("png", "image/png")
# One is drawn while the data of another are read: a million points take 140 MB until they are thinned.
_AT_ONCE = 2


class WidgetImages:
    """GetMetricWidgetImage. Data are read in a thread, the picture is drawn by a process of its own."""

    def __init__(self, stored: StoredValues, alarms: AlarmRecords, clock: Clock) -> None:
        self._stored = stored
        self._alarms = alarms
        self._clock = clock
        self._turns = Turns(_AT_ONCE)
        self._drawing: Drawing | None = None

    @operation("GetMetricWidgetImage")
    async def get_metric_widget_image(self, context: RequestContext, request: Request) -> Any:
        """Draw a widget.

        Returns:
            The picture in the answer's member, or, for `image/png`, as the answer's body.

        Raises:
            ValidationError: The widget, or it comes to more than can be drawn.
            InvalidParameterValue: The format, or a statistic.
            NotImplementedOperation: A member without effect here; metric math that is not built; no
                matplotlib is installed.
            Throttling: Others wait already, or there was no turn for it in 20 s.
            InternalServiceFault: It could not be drawn, or not in its time.
        """
        wanted = request.get("OutputFormat") or "png"
        if wanted not in _FORMATS:
            raise InvalidParameterValue(f"The parameter OutputFormat must be one of: {', '.join(_FORMATS)}.")
        if self._drawing is None:
            from sagehen.services.cloudwatch.widget_images.drawing import Drawing

            self._drawing = Drawing()
        try:
            async with self._turns.turn(context.scope.account_id, context.departed):
                png = await self._drawing.draw(
                    await asyncio.to_thread(self._picture, request["MetricWidget"], context.scope)
                )
        except NoTurn:
            raise Throttling("Rate exceeded") from None
        if wanted == "image/png":
            return Reply(body=png, headers={"Content-Type": "image/png"})
        return {"MetricWidgetImage": png}

    async def stop(self) -> None:
        """End the process that draws, if there is one."""
        if self._drawing is not None:
            await self._drawing.stop()

    def _picture(self, text: str, scope: Scope) -> Chart | Totals:
        from sagehen.services.cloudwatch.widget_images.data import WidgetData
        from sagehen.services.cloudwatch.widget_images.picture import picture_of
        from sagehen.services.cloudwatch.widget_images.reading import read_widget

        def find_alarm(name: str) -> Mapping[str, Any] | None:
            alarm = self._alarms.get(scope, name)
            return alarm.configuration if alarm is not None and alarm.kind == "MetricAlarm" else None

        widget = read_widget(text, scope, self._clock.now(), find_alarm)
        data = WidgetData(self._stored, self._clock)
        drawn = data.series(widget, scope)
        whole = widget.whole_range and widget.view != "timeSeries"
        return picture_of(widget, drawn, data.series(widget, scope, widget.range_s) if whole else None)
