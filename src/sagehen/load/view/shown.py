"""How a moment looks: as a line, and as rows of a table."""

from __future__ import annotations

from sagehen.load.report.text import milliseconds
from sagehen.load.run.watch import Seen
from sagehen.load.view.numbers import Numbers
from sagehen.traffic.durations import duration_text

_MOST_KINDS = 6


def line(moment: Numbers, seen: Seen, duration: float) -> str:
    """Return a moment as one line."""
    whole = moment.whole
    parts = [
        f"{clock(moment.elapsed)} of {duration_text(round(duration))}",
        f"{moment.due:.1f}/s due, {moment.answered:.1f}/s answered",
        f"{moment.in_flight} in flight",
        f"p50 {milliseconds(moment.p50)}, p99 {milliseconds(moment.p99)}",
        f"{whole.failed} failed",
    ]
    if whole.throttled:
        parts.append(f"{whole.throttled} throttled")
    if whole.not_sent:
        parts.append(f"{whole.not_sent} not sent")
    if whole.cold:
        parts.append(f"{whole.cold} cold starts")
    if seen.instances:
        parts.append(f"instances {instances(seen)}")
    return "; ".join(parts)


def rows(moment: Numbers, seen: Seen) -> list[tuple[str, str]]:
    """Return a moment as names and values."""
    whole = moment.whole
    found = [
        (
            "requests/s",
            f"intended {moment.intended:,.1f}   due {moment.due:,.1f}   sent {moment.sent:,.1f}   "
            f"answered {moment.answered:,.1f}",
        ),
        ("in flight", f"{moment.in_flight:,}"),
        (
            "latency",
            f"p50 {milliseconds(moment.p50)}   p95 {milliseconds(moment.p95)}   "
            f"p99 {milliseconds(moment.p99)}",
        ),
        (
            "so far",
            f"succeeded {whole.succeeded:,}   failed {whole.failed:,}   throttled {whole.throttled:,}   "
            f"not sent {whole.not_sent:,}",
        ),
    ]
    if whole.cold:
        found.append(("cold starts", f"{whole.cold:,}"))
    if seen.instances:
        found.append(("instances", instances(seen)))
    if seen.activities:
        found.append(("scaling", seen.activities[-1]["description"]))
    kinds = sorted(whole.failures.items(), key=lambda item: -item[1].count)
    found += [("error", f"{failure.count:,} x {kind}") for kind, failure in kinds[:_MOST_KINDS]]
    return found


def instances(seen: Seen) -> str:
    """Return how many there are, and are to be."""
    _, current, desired = seen.instances[-1]
    return f"{current}" + (f", {desired} wanted" if desired != current else "")


def clock(seconds: float) -> str:
    """Write seconds as a clock does: 0:07, 1:02:03."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
