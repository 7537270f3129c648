"""The report as a document; docs/load.md describes it. `version` rises when a member changes its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.load.measured.histogram import Histogram
from sagehen.load.measured.tally import Tally
from sagehen.load.report.advice import advice
from sagehen.load.report.per_instance import per_instance_and_minute
from sagehen.load.run.conduct import Progress
from sagehen.load.run.watch import Seen

VERSION = 1
PERCENTS = (50, 90, 95, 99, 99.9)


def document(
    asked: Mapping[str, Any], progress: Progress, seen: Seen, *, slot: float, time_scale: float
) -> dict[str, Any]:
    """Return everything that is known of a run, as JSON can carry it.

    Args:
        asked: What was asked for: target, rate and so on, to be repeated.
        progress: What was counted.
        seen: What AWS said of the target meanwhile.
        slot: Seconds of each stretch of the series.
        time_scale: How fast the clock of the platform runs.
    """
    whole = progress.whole
    loads = per_instance_and_minute(progress.tallies, seen.instances, slot, time_scale)
    result = {
        "version": VERSION,
        **asked,
        "began": progress.began.isoformat(timespec="milliseconds"),
        "seconds": round(progress.elapsed, 3),
        "interrupted": progress.interrupted,
        "requests": _requests(whole, progress),
        "latency_ms": _latency(whole.latency),
        "errors": _errors(whole),
        "cold_starts": _cold(whole) if asked["knows_cold_starts"] else None,
        "generator_late_ms": _rounded(
            {**whole.lateness.percentiles((50, 99)), "max": whole.lateness.percentile(100)}
        ),
        "instances": [
            {"seconds": seconds, "current": current, "desired": desired}
            for seconds, current, desired in seen.instances
        ],
        "activities": seen.activities,
        "policies": seen.policies,
        "per_instance_and_minute": round(max(loads.values()), 1) if loads else None,
        "time_scale": time_scale,
        "concurrency": [{"seconds": round(seconds), "most": most} for seconds, most in seen.concurrency],
        "series": {"slot_seconds": slot, "slots": _slots(progress.tallies, slot, loads)},
        "histogram_ms": [[upper, count] for upper, count in whole.latency.buckets()],
        "notes": list(seen.notes),
    }
    del result["knows_cold_starts"]
    result["notes"] += advice(result)
    return result


def _requests(whole: Tally, progress: Progress) -> dict[str, Any]:
    seconds = min(progress.elapsed, progress.duration)
    return {
        "due": whole.due,
        "sent": whole.sent,
        "not_sent": whole.not_sent,
        "succeeded": whole.succeeded,
        "failed": whole.failed,
        "throttled": whole.throttled,
        "unanswered": whole.under_way,
        "due_per_second": round(whole.due / seconds, 2) if seconds else 0.0,
        "succeeded_per_second": round(whole.succeeded / progress.elapsed, 2) if progress.elapsed else 0.0,
    }


def _latency(histogram: Histogram) -> dict[str, float | None]:
    found = histogram.percentiles(PERCENTS)
    return _rounded({"mean": histogram.mean(), **found, "max": histogram.percentile(100)})


def _errors(whole: Tally) -> list[dict[str, Any]]:
    kinds = sorted(whole.failures.items(), key=lambda item: -item[1].count)
    return [
        {"kind": kind, "count": one.count, "throttled": one.throttled, "first": one.first}
        for kind, one in kinds
    ]


def _cold(whole: Tally) -> dict[str, Any]:
    init = whole.init
    return {
        "count": whole.cold,
        "init_ms": _rounded(
            {"p50": init.percentile(50), "p99": init.percentile(99), "max": init.percentile(100)}
        ),
    }


def _slots(tallies: Mapping[int, Tally], slot: float, loads: Mapping[int, float]) -> list[dict[str, Any]]:
    if not tallies:
        return []
    rows = []
    for number in range(max(tallies) + 1):
        tally = tallies.get(number, Tally())
        rows.append(
            {
                "seconds": round(number * slot, 3),
                "due": tally.due,
                "sent": tally.sent,
                "not_sent": tally.not_sent,
                "succeeded": tally.succeeded,
                "failed": tally.failed,
                "throttled": tally.throttled,
                "cold_starts": tally.cold,
                "per_instance_and_minute": round(loads[number], 1) if number in loads else None,
                **{
                    f"{name}_ms": value
                    for name, value in _rounded(
                        {**tally.latency.percentiles((50, 95, 99)), "max": tally.latency.percentile(100)}
                    ).items()
                },
            }
        )
    return rows


def _rounded(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 3) for name, value in values.items()}
