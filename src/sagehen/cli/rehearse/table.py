"""The comparison as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from sagehen.simulation.choice.objective import Objective
from sagehen.simulation.runs.outcome import Outcome

# From so many columns on there is room for everything.
WIDE = 140


def table(
    outcomes: Sequence[Outcome],
    objective: Objective | None,
    chosen: Outcome | None,
    *,
    is_endpoint: bool,
    columns: int,
) -> Table:
    """Return it; the chosen candidate is marked, what the objective misses is red.

    Args:
        columns: Of the terminal; a narrow one is not shown all percentiles of waits.
    """
    found = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    found.add_column("candidate", overflow="fold", min_width=10)
    waits = (50, 95, 99) if columns >= WIDE else (99,)
    headings = ["p50 ms", "p95", "p99", *(f"wait{percent}" for percent in waits)]
    # An endpoint throttles nobody: who finds its queue full gets a 503.
    headings += ["errors", "inst-h"] if is_endpoint else ["throttled", "errors", "cold", "prov-h"]
    asks = any(outcome.behind is not None for outcome in outcomes)
    headings += ["inst-h"] if asks else []
    for heading in (*headings, "$/month"):
        found.add_column(heading, justify="right", no_wrap=True)
    for outcome in outcomes:
        tally = outcome.tally
        missed = objective is not None and not objective.holds(outcome)
        cells = [
            *(milliseconds(tally.latencies.percentile(percent)) for percent in (50, 95, 99)),
            *(milliseconds(tally.waits.percentile(percent)) for percent in waits),
            *([] if is_endpoint else [share(outcome.throttle_share)]),
            share(outcome.error_share),
        ]
        if not is_endpoint:
            cells.append(share(tally.cold / tally.arrived if tally.arrived else 0.0))
        cells.append(f"{outcome.capacity_s / 3600:,.1f}")
        if asks:
            cells.append(f"{outcome.behind.capacity_s / 3600:,.1f}" if outcome.behind else "")
        cells.append(dollars(monthly(outcome)))
        mark = "→ " if outcome is chosen else "  "
        style = "red" if missed else "bold" if outcome is chosen else ""
        found.add_row(mark + outcome.candidate.name, *cells, style=style)
    return found


def monthly(outcome: Outcome) -> float:
    """Return what thirty days like this cost."""
    return outcome.dollars * 30 * 86_400 / outcome.duration_s


def milliseconds(seconds: float) -> str:
    """Write a time as people compare it."""
    return f"{seconds * 1000:,.0f}"


def share(value: float) -> str:
    """Write a share in percent."""
    if not value:
        return "0"
    return f"{value:.2%}" if value >= 0.0001 else "<0.01%"


def dollars(value: float) -> str:
    """Write an amount."""
    return f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"
