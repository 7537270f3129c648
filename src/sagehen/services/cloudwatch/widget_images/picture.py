"""picture_of: from a widget and its data to what is drawn. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.plots.chart import Chart, Kind, Level, Moment, Panel, Series, XAxis, YAxis
from sagehen.plots.totals import Band, Total, Totals, TotalsView
from sagehen.services.cloudwatch.widget_images.data import Drawn
from sagehen.services.cloudwatch.widget_images.widget import Axis, Side, Widget

_TOTALS: Mapping[str, TotalsView] = {"singleValue": "tiles", "bar": "bars", "pie": "pie", "gauge": "gauge"}


def picture_of(widget: Widget, drawn: Sequence[Drawn], wholes: Sequence[Drawn] | None) -> Chart | Totals:
    """Return the picture of a widget.

    Args:
        widget: What it looks like.
        drawn: Its series, period by period.
        wholes: The same with the whole range as their period, where single values shall be of that.
    """
    if widget.view == "timeSeries":
        return _chart(widget, drawn)
    return _totals(widget, drawn, wholes)


def _chart(widget: Widget, drawn: Sequence[Drawn]) -> Chart:
    kind: Kind = "area" if widget.stacked else "line"
    series = []
    for each in drawn:
        at = sorted(each.series.values)
        # A line goes on over one missing point or two, as the console's; a longer silence is seen.
        breaks_after = 0.0 if widget.stacked else 3.0 * each.series.period_s
        values = tuple(each.series.values[moment] for moment in at)
        series.append(
            Series(
                each.series.label,
                tuple(map(float, at)),
                values,
                kind,
                each.entry.side,
                each.entry.color,
                breaks_after,
            )
        )
    panel = Panel(
        tuple(series),
        left=_axis(widget, drawn, "left"),
        right=_axis(widget, drawn, "right"),
        levels=tuple(
            Level(line.value, line.label, line.color, line.fill, line.side, line.until)
            for line in widget.horizontal
        ),
        moments=tuple(
            Moment(line.value, line.label, line.color, line.fill, line.until) for line in widget.vertical
        ),
        stacked=widget.stacked,
    )
    x = XAxis(low=widget.start.timestamp(), high=widget.end.timestamp(), utc_offset_s=widget.utc_offset_s)
    return Chart((panel,), widget.title, x, widget.legend, widget.width, widget.height)


def _axis(widget: Widget, drawn: Sequence[Drawn], side: Side) -> YAxis:
    axis = widget.axes.get(side, Axis())
    units = {each.unit for each in drawn if each.entry.side == side and each.unit}
    unit = units.pop() if axis.shows_units and len(units) == 1 else ""
    return YAxis(axis.label, unit, axis.low, axis.high)


def _totals(widget: Widget, drawn: Sequence[Drawn], wholes: Sequence[Drawn] | None) -> Totals:
    items = []
    for index, each in enumerate(drawn):
        at = sorted(each.series.values)
        values = tuple(each.series.values[moment] for moment in at)
        value = values[-1] if values else None  # the most recent
        if wholes is not None and index < len(wholes):
            whole = wholes[index].series.values
            value = whole[max(whole)] if whole else None
        spark = values if widget.view == "singleValue" and widget.sparkline else ()
        items.append(Total(each.series.label, value, each.unit, each.entry.color, spark))
    axis = widget.axes.get("left", Axis())
    return Totals(
        tuple(items),
        _TOTALS[widget.view],
        widget.title,
        low=axis.low,
        high=axis.high,
        bands=tuple(
            _band(widget, line.value, line.until, line.fill, line.label, line.color)
            for line in widget.horizontal
        ),
        legend=widget.legend,
        whole=widget.full_precision,
        width=widget.width,
        height=widget.height,
    )


def _band(widget: Widget, value: float, until: float | None, fill: str, label: str, color: str) -> Band:
    """A gauge colours its dial up to an end; other views have lines."""
    axis = widget.axes.get("left", Axis())
    if widget.view == "gauge" and fill == "above":
        until = axis.high
    elif widget.view == "gauge" and fill == "below":
        until = axis.low
    return Band(value, until, label, color)
