"""The report as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from sagehen.traffic.durations import duration_text

_WIDTH = 100
_MOST_KINDS = 10


def text(report: Mapping[str, Any]) -> str:
    """Return what a person wants to know, numbers first, sentences last."""
    requests, latency = report["requests"], report["latency_ms"]
    ended = ", ended before its time" if report["interrupted"] else ""
    lines = [
        f"{report['target']}: {duration_text(round(report['seconds'], 1))}{ended}",
        "",
        f"requests    due {requests['due']:,} ({requests['due_per_second']:,.1f}/s)   "
        f"succeeded {requests['succeeded']:,} ({requests['succeeded_per_second']:,.1f}/s)   "
        f"failed {requests['failed']:,}   throttled {requests['throttled']:,}   "
        f"not sent {requests['not_sent']:,}",
        "latency     "
        + "   ".join(f"{name} {milliseconds(latency[name])}" for name in latency if name != "mean"),
    ]
    lines += _cold(report) + _instances(report) + _concurrency(report)
    late = report["generator_late_ms"]
    lines.append(f"generator   late by p50 {milliseconds(late['p50'])}   p99 {milliseconds(late['p99'])}")
    lines += _errors(report)
    for note in report["notes"]:
        lines += ["", *textwrap.wrap(note, _WIDTH)]
    return "\n".join(lines)


def milliseconds(value: float | None) -> str:
    """Write milliseconds with three digits that mean something; `-` for none."""
    if value is None:
        return "-"
    if value >= 10_000:
        return f"{value / 1000:.1f} s"
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def _cold(report: Mapping[str, Any]) -> list[str]:
    cold = report["cold_starts"]
    if cold is None:
        return []
    init = cold["init_ms"]
    tail = (
        f"   init p50 {milliseconds(init['p50'])}   max {milliseconds(init['max'])}" if cold["count"] else ""
    )
    return [f"cold starts {cold['count']:,}{tail}"]


def _instances(report: Mapping[str, Any]) -> list[str]:
    found = report["instances"]
    if not found:
        return []
    path: list[str] = []
    last = None
    for sample in found:
        if sample["current"] != last:
            last = sample["current"]
            path.append(f"{last}" if not path else f"{last} (after {sample['seconds']:.0f} s)")
    minute = report["per_instance_and_minute"]
    tail = f"   most load {minute:,.0f} per instance and minute" if minute is not None else ""
    lines = [f"instances   {' -> '.join(path)}{tail}"]
    for activity in report["activities"]:
        lines.append(
            f"            {activity['seconds']:.0f} s: {activity['description']} {activity['cause']}"
        )
    return lines


def _concurrency(report: Mapping[str, Any]) -> list[str]:
    found = report["concurrency"]
    if not found:
        return []
    return [f"concurrency at most {max(point['most'] for point in found):,.0f} (ConcurrentExecutions)"]


def _errors(report: Mapping[str, Any]) -> list[str]:
    errors = report["errors"]
    lines = []
    for error in errors[:_MOST_KINDS]:
        first = f"   {error['first'][:_WIDTH]}" if error["first"] else ""
        lines.append(f"error       {error['count']:,} x {error['kind']}{first}")
    if len(errors) > _MOST_KINDS:
        lines.append(f"error       {len(errors) - _MOST_KINDS} kinds more")
    return lines
