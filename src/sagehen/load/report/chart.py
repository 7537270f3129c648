"""The report as a chart: requests, latencies and instances over the same seconds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.plots.chart import Chart, Level, Moment, Panel, Series, XAxis, YAxis

_WIDTH, _PANEL_HEIGHT = 900, 210
_GREEN, _BLUE, _RED, _ORANGE, _GREY, _PURPLE = (
    "#2ca02c",
    "#1f77b4",
    "#d62728",
    "#ff7f0e",
    "#7f7f7f",
    "#9467bd",
)


def chart(report: Mapping[str, Any]) -> Chart:
    """Return what `--picture` draws and a terminal shows.

    Args:
        report: See `document.py`.
    """
    panels = [_requests(report), _latencies(report)]
    if report["instances"]:
        panels += [_instances(report), _per_instance(report)]
    if report["cold_starts"] is not None:
        panels.append(_environments(report))
    return Chart(
        tuple(panels),
        title=f"{report['target']}: {report['rate'] or 'a trace'}",
        x=XAxis("number", "seconds", low=0.0),
        legend="bottom",
        width=_WIDTH,
        height=_PANEL_HEIGHT * len(panels),
    )


def _requests(report: Mapping[str, Any]) -> Panel:
    slots, slot = report["series"]["slots"], report["series"]["slot_seconds"]

    def rate(label: str, name: str, color: str) -> Series:
        return _series(slots, slot, label, [one[name] / slot for one in slots], color)

    series = [rate("due", "due", _GREY), rate("succeeded", "succeeded", _GREEN)]
    for label, name, color in (
        ("failed", "failed", _RED),
        ("of them throttled", "throttled", _ORANGE),
        ("not sent", "not_sent", _PURPLE),
    ):
        if any(one[name] for one in slots):
            series.append(rate(label, name, color))
    return Panel(tuple(series), title="Requests", left=YAxis("requests per second", low=0.0))


def _latencies(report: Mapping[str, Any]) -> Panel:
    slots, slot = report["series"]["slots"], report["series"]["slot_seconds"]
    series = [
        _series(slots, slot, name, [one[f"{name}_ms"] for one in slots], color)
        for name, color in (("p50", _GREEN), ("p95", _BLUE), ("p99", _RED))
    ]
    return Panel(tuple(series), title="Latency", left=YAxis("ms, from when a request was due", low=0.0))


def _instances(report: Mapping[str, Any]) -> Panel:
    samples = report["instances"]
    at = tuple(float(sample["seconds"]) for sample in samples)
    series = (
        Series("wanted", at, tuple(float(sample["desired"]) for sample in samples), "steps", color=_GREY),
        Series("in service", at, tuple(float(sample["current"]) for sample in samples), "steps", color=_BLUE),
    )
    moments = tuple(Moment(activity["seconds"], color=_ORANGE) for activity in report["activities"])
    return Panel(series, title="Instances", left=YAxis(low=0.0), moments=moments, share=0.6)


def _per_instance(report: Mapping[str, Any]) -> Panel:
    slots, slot = report["series"]["slots"], report["series"]["slot_seconds"]
    values = [one["per_instance_and_minute"] for one in slots]
    levels = tuple(
        Level(policy["target"], f"target of {policy['policy']}", color=_RED) for policy in report["policies"]
    )
    return Panel(
        (_series(slots, slot, "load", values, _BLUE),),
        title="Invocations per instance and minute",
        left=YAxis(low=0.0),
        levels=levels,
        share=0.6,
    )


def _environments(report: Mapping[str, Any]) -> Panel:
    slots, slot = report["series"]["slots"], report["series"]["slot_seconds"]
    cold = _series(slots, slot, "cold starts", [float(one["cold_starts"]) for one in slots], _ORANGE)
    series = [replace(cold, kind="bars")]
    if points := report["concurrency"]:
        # CloudWatch has one value a minute: it holds until the next, the last one until the end.
        at = [float(point["seconds"]) for point in points]
        most = [float(point["most"]) for point in points]
        at, most = [*at, max(at[-1], report["seconds"])], [*most, most[-1]]
        series.append(Series("ConcurrentExecutions", tuple(at), tuple(most), "steps", "right", _BLUE))
    return Panel(
        tuple(series),
        title="Environments",
        left=YAxis("cold starts", low=0.0),
        right=YAxis("most at once in a minute", low=0.0),
        share=0.6,
    )


def _series(
    slots: Sequence[Mapping[str, Any]], slot: float, label: str, values: Sequence[float | None], color: str
) -> Series:
    # In the middle of the stretch that was counted.
    return Series(label, tuple(one["seconds"] + slot / 2 for one in slots), tuple(values), color=color)
