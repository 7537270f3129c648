"""What a run shows and people overlook, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Beyond, it is the generator that is measured as well.
_LATE_MS = 10.0


def advice(report: Mapping[str, Any]) -> list[str]:
    """Return sentences about a report (`document.py`); none where there is nothing to say."""
    return [*_generator(report), *_target_tracking(report), *_throttles(report), *_cold_starts(report)]


def _generator(report: Mapping[str, Any]) -> list[str]:
    notes = []
    late = report["generator_late_ms"]
    if late["p99"] is not None and late["p99"] > _LATE_MS:
        notes.append(
            f"This generator itself was late (p99 {late['p99']:.0f} ms, at most {late['max']:.0f} ms), and "
            "latencies count from when a request was due. This machine had no time: send less."
        )
    requests = report["requests"]
    if requests["not_sent"]:
        notes.append(
            f"{requests['not_sent']:,} requests were due and not sent, since {report['max_in_flight']:,} "
            "were under way (--max-in-flight): they are in no percentile. The target is slower than the rate."
        )
    if requests["unanswered"]:
        notes.append(f"{requests['unanswered']:,} requests had no answer yet when the run was ended.")
    return notes


def _target_tracking(report: Mapping[str, Any]) -> list[str]:
    load = report["per_instance_and_minute"]
    if load is None:
        return []
    scale = report["time_scale"]
    minute = "minute" if scale == 1 else f"minute of its clock, which runs {scale:g} times as fast"
    notes = [
        f"The policy {policy['policy']} of {policy['variant']} has a target of {policy['target']:g}. That is "
        f"invocations per instance and {minute}, not a second and not at once: this load came to {load:,.0f} "
        f"at most, {load / policy['target']:.1f} times the target."
        for policy in report["policies"]
    ]
    instances = report["instances"]
    if notes and instances[-1]["current"] > instances[0]["current"]:
        notes.append(
            "Instances that were added stay for a while: the low alarm needs fifteen quiet minutes below "
            "90 % of the target. A cooldown is a wait after a change, not a delay before one."
        )
    return notes


def _throttles(report: Mapping[str, Any]) -> list[str]:
    throttled, due = report["requests"]["throttled"], report["requests"]["due"]
    if not throttled or not report["target"].startswith("function:"):
        return []
    return [
        f"{throttled / due:.1%} were throttled: so many ran at once that no concurrency was left. Needed are "
        "requests per second times the seconds that each takes; a reservation bounds a function further."
    ]


def _cold_starts(report: Mapping[str, Any]) -> list[str]:
    cold = report["cold_starts"]
    if not cold or not cold["count"]:
        return []
    return [
        f"{cold['count']:,} requests waited for a new environment (Init Duration: half of them at most "
        f"{cold['init_ms']['p50']:,.0f} ms). Provisioned concurrency keeps some ready; it belongs to a "
        "version or an alias, never to $LATEST."
    ]
