"""A run as a chart: load, capacity and latency over the same time. Pure."""

from __future__ import annotations

from sagehen.plots.chart import Chart, Moment, Panel, Series, XAxis, YAxis
from sagehen.simulation.runs.outcome import Outcome

_GREEN, _BLUE, _RED, _ORANGE, _GREY = "#2ca02c", "#1f77b4", "#d62728", "#ff7f0e", "#7f7f7f"


def chart(outcome: Outcome, noun: str) -> Chart:
    """Return what `--picture` draws and a terminal shows.

    Args:
        noun: What capacity is counted in: `instances`, `environments`.
    """
    unit, name = (3600.0, "hours") if outcome.duration_s > 2 * 3600 else (60.0, "minutes")
    points = outcome.points
    at = tuple(point.at_s / unit for point in points)

    def series(label: str, values: list[float], color: str, kind: str = "line") -> Series:
        return Series(label, at, tuple(values), kind, color=color)  # type: ignore[arg-type]

    load = [series("requests", [point.rate for point in points], _GREEN)]
    if outcome.tally.throttled:
        load.append(series("throttled", [point.throttled for point in points], _ORANGE))
    if outcome.tally.errors:
        load.append(series("errors", [point.errors for point in points], _RED))
    changed = [activity for activity in outcome.activities if activity.after != activity.before]
    moments = tuple(Moment(activity.at_s / unit, color=_GREY) for activity in changed[:40])
    capacity = (
        series("told to be there", [float(point.desired) for point in points], _GREY, "steps"),
        series("serving", [float(point.serving) for point in points], _BLUE, "steps"),
    )
    panels = [Panel(capacity, noun.capitalize(), YAxis(low=0.0), moments=moments, share=0.8)]
    if outcome.behind is not None:
        own = outcome.behind.points
        instances = (
            series("told to be there", [float(point.desired) for point in own], _GREY, "steps"),
            series("serving", [float(point.serving) for point in own], _BLUE, "steps"),
        )
        panels.append(Panel(instances, "Instances of its endpoint", YAxis(low=0.0), share=0.8))
    latency = (
        series("p50", [point.p50_s * 1000 for point in points], _GREEN),
        series("p99", [point.p99_s * 1000 for point in points], _RED),
    )
    return Chart(
        (
            Panel(tuple(load), "Load", YAxis("a second", low=0.0), share=0.8),
            *panels,
            Panel(latency, "Latency", YAxis("ms", low=0.0)),
        ),
        outcome.candidate.name,
        XAxis("number", name, low=0.0),
        height=720,
    )
