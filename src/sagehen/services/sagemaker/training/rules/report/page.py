"""The report as an HTML page: no script, no other file, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.losses import Series
from sagehen.services.sagemaker.training.rules.report.chart import Line, chart
from sagehen.services.sagemaker.training.rules.verdict import Verdict

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; width: 100% }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: left; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums }
svg { width: 100%; height: auto }
"""
_PERCENT = ("CPU", "CPU memory", "GPU", "GPU memory", "I/O")
_COLUMNS = ("min", "p50", "p95", "p99", "max")


def page(job_name: str, facts: Facts, verdicts: Mapping[str, Verdict]) -> str:
    """Return the report of a job."""
    usage = facts.usage
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{_text(job_name)}: profiler report</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>SageMaker Debugger profiler report: {_text(job_name)}</h1>",
        f"<p>Made by Sagehen from {usage.samples} samples of the job's instances, {_times(facts)}, and from "
        f"the losses of {_text(facts.losses.source)}: {len(facts.losses.training)} of training, "
        f"{len(facts.losses.validation)} of validation.</p>",
        "<h2>Rules</h2>",
        _table(
            ("Rule", "Status", "Datapoints", "Violations", "Why"),
            ((n, v.status, v.datapoints, v.violations, v.details) for n, v in verdicts.items()),
        ),
        "<h2>What the instances used</h2>",
        "<p>CPU, memory, GPU and I/O (time in which a process waited for a disk) in percent of the instance; "
        "network and disk in bytes per second, both ways together.</p>",
        _table(
            ("Quantity", "Instance", *_COLUMNS),
            (
                (quantity, node, *(distribution.summary()[column] for column in _COLUMNS))
                for quantity, nodes in sorted(usage.by_node.items())
                for node, distribution in sorted(nodes.items())
            ),
        ),
        *_charts(facts),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _charts(facts: Facts) -> list[str]:
    start = facts.usage.first_s or 0.0
    curves = sorted(facts.usage.curves.items())
    lines = [
        Line(f"{quantity} {node}", [(time_s - start, value) for time_s, value in curve.points])
        for (quantity, node), curve in curves
        if quantity in _PERCENT
    ]
    parts = ["<h2>Percent over seconds</h2>", chart(lines, top=100.0)] if lines else []
    losses = [
        Line(name, _steps(series))
        for name, series in (("training", facts.losses.training), ("validation", facts.losses.validation))
        if len(series)
    ]
    return [*parts, "<h2>Losses, in the order they came</h2>", chart(losses)] if losses else parts


def _steps(series: Series) -> list[tuple[float, float]]:
    return [(float(series.step(index)), value) for index, value in enumerate(series.values)]


def _times(facts: Facts) -> str:
    if facts.usage.first_s is None or facts.usage.last_s is None:
        return "at no time"
    first, last = (datetime.fromtimestamp(s, UTC) for s in (facts.usage.first_s, facts.usage.last_s))
    return f"from {first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S} UTC"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["<table><tr>" + "".join(f"<th>{_text(cell)}</th>" for cell in head) + "</tr>"]
    for row in rows:
        lines.append("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>")
    return "\n".join([*lines, "</table>"])


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f'<td class="n">{value:,g}</td>'
    return f"<td>{_text(value)}</td>"


def _text(value: object) -> str:
    return escape(str(value))
