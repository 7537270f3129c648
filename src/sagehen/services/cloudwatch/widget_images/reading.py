"""read_widget: from a widget's JSON to what it says.

Documented: CloudWatch API reference, "GetMetricWidgetImage: Metric widget structure and syntax"; the members
that only dashboards document (`sparkline`, `singleValueFullPrecision`) mean here what they mean there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.widget_images.alarm_entries import entries_of_alarm, line_of_alarm
from sagehen.services.cloudwatch.widget_images.annotations import horizontal, vertical
from sagehen.services.cloudwatch.widget_images.checks import Fields, invalid
from sagehen.services.cloudwatch.widget_images.shorthand import expanded
from sagehen.services.cloudwatch.widget_images.times import checked_range, moment, offset_s
from sagehen.services.cloudwatch.widget_images.widget import Axis, Entry, Side, View, Widget

# Documented: API_GetMetricWidgetImage.
MOST_BYTES, _MOST_METRICS = 100 * 1024, 100
_MEMBERS = (
    "accountId", "annotations", "end", "height", "legend", "liveData", "metrics", "period", "region",
    "setPeriodToTimeRange", "singleValueFullPrecision", "sparkline", "stacked", "start", "stat", "timezone",
    "title", "view", "width", "yAxis",
)  # fmt: skip
_OPTIONS = (
    "accountId", "color", "expression", "id", "label", "period", "region", "stat", "visible", "yAxis",
)  # fmt: skip
_VIEWS = ("timeSeries", "singleValue", "bar", "pie", "gauge")
_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}")
_DAY_S = 86_400

# Returns an alarm's configuration by its name; None where there is none.
FindAlarm = Callable[[str], Mapping[str, Any] | None]


def read_widget(text: str, scope: Scope, now: datetime, find_alarm: FindAlarm) -> Widget:
    """Read a widget.

    Raises:
        ValidationError: It is not one; the message says where.
        NotImplementedOperation: A member that would have no effect here.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        invalid("", f"Should NOT have more than {MOST_BYTES} bytes")
    try:
        document = read_json(text)
    except NotJson:
        invalid("", "Should be a valid JSON object")
    fields = Fields(document, "")
    fields.known(_MEMBERS)
    _own_account(fields, scope)
    notes = fields.part("annotations")
    notes.known(("horizontal", "vertical", "alarms"))
    entries = _entries(fields, scope)
    lines = horizontal(notes)
    for alarm in _alarms(notes, scope, find_alarm):
        if not entries:
            entries = entries_of_alarm(alarm, scope.region)
        lines = (*lines, *line_of_alarm(alarm))
    if not entries:
        invalid("", "Should have required property 'metrics'")
    start = moment(fields.text("start", "-PT3H"), "/start", now)
    end = moment(fields.text("end", "-PT0H"), "/end", now)
    checked_range(start, end, "/start")
    legend = fields.part("legend")
    legend.known(("position",))
    return Widget(
        entries,
        start,
        end,
        view=cast(View, fields.one_of("view", _VIEWS, "timeSeries")),
        title=fields.text("title"),
        width=fields.whole("width", 600, 1, 2000),
        height=fields.whole("height", 400, 1, 2000),
        stacked=fields.truth("stacked"),
        legend=cast(Any, legend.one_of("position", ("bottom", "right", "hidden"), "bottom")),
        live=fields.truth("liveData"),
        whole_range=fields.truth("setPeriodToTimeRange"),
        sparkline=fields.truth("sparkline"),
        full_precision=fields.truth("singleValueFullPrecision"),
        utc_offset_s=offset_s(fields.text("timezone", "+0000"), "/timezone"),
        axes=_axes(fields),
        horizontal=lines,
        vertical=vertical(notes, now),
    )


def _own_account(fields: Fields, scope: Scope) -> None:
    if fields.text("accountId", scope.account_id) != scope.account_id:
        raise NotImplementedOperation("GetMetricWidgetImage: other accounts' metrics are not implemented.")


def _entries(fields: Fields, scope: Scope) -> tuple[Entry, ...]:
    items = fields.items("metrics")
    if len(items) > _MOST_METRICS:
        invalid("/metrics", f"Should NOT have more than {_MOST_METRICS} items")
    entries: list[Entry] = []
    above: list[str] = []
    for index, item in enumerate(items):
        path = f"/metrics/{index}"
        if not isinstance(item, list) or not item:
            invalid(path, "Should be array")
        options = Fields(item[-1] if isinstance(item[-1], dict) else {}, f"{path}/{len(item) - 1}")
        named = item[:-1] if isinstance(item[-1], dict) else item
        if options.get("expression") is None:
            above = expanded(named, above, path)
        elif named:
            invalid(path, "An expression should be alone in its array")
        entries.append(_entry(index, above, options, fields, scope))
    ids = [entry.id for entry in entries]
    if len(set(ids)) < len(ids):
        invalid("/metrics", "The ids of metrics should be unique")
    return tuple(entries)


def _entry(index: int, named: list[str], options: Fields, widget: Fields, scope: Scope) -> Entry:
    options.known(_OPTIONS)
    _own_account(options, scope)
    entry_id = options.text("id")
    if entry_id and not _ID.fullmatch(entry_id):
        invalid(options.within("id"), "Should begin with a lowercase letter and hold letters, digits and _")
    entry_id = entry_id or str(index)
    color = options.text("color")
    if color and not _COLOR.fullmatch(color):
        invalid(options.within("color"), "Should be a color such as #1f77b4")
    label = options.text("label")
    if "${" in label:
        raise NotImplementedOperation("GetMetricWidgetImage: dynamic labels are not implemented.")
    query: dict[str, Any] = {"Id": entry_id}
    if label:
        query["Label"] = label
    if options.get("expression") is not None:
        for member in ("period", "stat"):
            if options.get(member) is not None:
                # On AWS it is that of SEARCH and Metrics Insights, which are not built.
                raise NotImplementedOperation(
                    f"GetMetricWidgetImage: {member} of an expression is not implemented."
                )
        query["Expression"] = options.text("expression")
    else:
        period = options if options.get("period") is not None else widget
        query["MetricStat"] = {
            "Metric": {
                "Namespace": named[0],
                "MetricName": named[1],
                "Dimensions": [
                    {"Name": name, "Value": value}
                    for name, value in zip(named[2::2], named[3::2], strict=True)
                ],
            },
            "Period": period.whole("period", 300, 1, 366 * _DAY_S),
            "Stat": options.text("stat", widget.text("stat", "Average")),
        }
    return Entry(
        entry_id,
        query,
        region=options.text("region", widget.text("region", scope.region)),
        label=label,
        color=color,
        side=cast(Side, options.one_of("yAxis", ("left", "right"), "left")),
        visible=options.truth("visible", True),
    )


def _axes(fields: Fields) -> dict[Side, Axis]:
    both = fields.part("yAxis")
    both.known(("left", "right"))
    axes: dict[Side, Axis] = {}
    sides: tuple[Side, ...] = ("left", "right")
    for side in sides:
        axis = both.part(side)
        axis.known(("label", "min", "max", "showUnits"))
        low, high = axis.number("min"), axis.number("max")
        if low is not None and high is not None and low >= high:
            invalid(axis.path, "min should be less than max")
        axes[side] = Axis(axis.text("label"), low, high, axis.truth("showUnits", True))
    return axes


def _alarms(notes: Fields, scope: Scope, find_alarm: FindAlarm) -> list[Mapping[str, Any]]:
    found = []
    items = notes.items("alarms")
    if len(items) > 1:  # documented: a graph can have one
        invalid("/annotations/alarms", "Should NOT have more than 1 items")
    for index, arn in enumerate(items):
        path = f"/annotations/alarms/{index}"
        parts = arn.split(":", 6) if isinstance(arn, str) else []
        if len(parts) != 7 or parts[2] != "cloudwatch" or parts[5] != "alarm":
            invalid(path, "Should be the ARN of an alarm")
        if (parts[3], parts[4]) != (scope.region, scope.account_id):
            raise NotImplementedOperation(
                "GetMetricWidgetImage: alarms of other accounts and regions are not implemented."
            )
        alarm = find_alarm(parts[6])
        if alarm is None:
            invalid(path, f"There is no metric alarm {parts[6]}")
        found.append(alarm)
    return found
