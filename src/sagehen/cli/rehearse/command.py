"""Reads the plan, runs its candidates, shows what came out."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from sagehen.cli.aws import require_aws_itself
from sagehen.cli.failure import fail
from sagehen.cli.kept import keep, require_places
from sagehen.cli.rehearse.drawing import chart
from sagehen.cli.rehearse.options import Options
from sagehen.cli.rehearse.sources import PlanSources
from sagehen.cli.rehearse.table import WIDE, table
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.plots.terminal.plot import draw_text
from sagehen.simulation.choice.advice import advice
from sagehen.simulation.choice.words import explain
from sagehen.simulation.plan.carried_out import NO_QUESTION, carried_out
from sagehen.simulation.plan.document import document
from sagehen.simulation.plan.errors import PlanError
from sagehen.simulation.plan.plan import Plan, read_plan
from sagehen.simulation.plan.sections import LONGEST_BYTES
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import REQUESTS
from sagehen.simulation.runs.sites import EndpointSite
from sagehen.traffic.durations import duration_text


def rehearse(options: Options) -> None:
    """Do what the command line asks."""
    if options.region is not None and not options.aws:
        fail("--region is AWS's: it goes with --aws")
    try:
        require_places(options.json, options.picture)
    except ValueError as error:
        fail(str(error))
    plan = _read(options)
    console = Console(stderr=options.json == "-", highlight=False, markup=False, emoji=False)
    if not console.is_terminal:  # a pipe is as wide as the table
        console.width = WIDE
    if not plan.candidates and plan.objective is None:
        fail(f"{options.plan}: {NO_QUESTION}")
    is_endpoint = isinstance(plan.site, EndpointSite)
    began = time.process_time()
    outcomes, chosen = _run(plan, options, console)
    took = time.process_time() - began
    console.print(table(outcomes, plan.objective, chosen, is_endpoint=is_endpoint, columns=console.width))
    shown = chosen or outcomes[0]
    _draw(console, shown, is_endpoint)
    words = explain(outcomes, chosen, plan.objective) if plan.objective else []
    # A file or a pipe gets lines that can be searched; a terminal gets them broken where words end.
    whole = not console.is_terminal
    console.print(" ".join(words), style="bold", soft_wrap=whole)
    notes = advice(plan.site, outcomes)
    for sentence in notes:
        console.print(f"• {sentence}", soft_wrap=whole)
    console.print(_footing(plan, outcomes, took), style="dim", soft_wrap=whole)
    found = document(plan, outcomes, chosen, [*words, *notes])
    keep(options.json, found, options.picture, chart(shown, _noun(is_endpoint)))


def _read(options: Options) -> Plan:
    def client(service: str) -> Any:
        if options.aws:
            import boto3

            require_aws_itself()
            return boto3.client(service, region_name=options.region)
        try:
            return RunningPlatform.find(options.data.absolute()).client(service)
        except NotRunning as reason:
            raise ValueError(f"{reason}; or read AWS's with --aws") from None

    try:
        if options.plan == "-":
            text, folder = sys.stdin.buffer.read(LONGEST_BYTES + 1).decode(), Path()
        else:
            with Path(options.plan).open("rb") as file:
                text, folder = file.read(LONGEST_BYTES + 1).decode(), Path(options.plan).parent
        return read_plan(text, PlanSources(folder, client, is_aws=options.aws))
    except PlanError as error:
        fail(f"{options.plan}: {error}")
    except UnicodeDecodeError:
        fail(f"{options.plan} is no text")
    except OSError as error:
        fail(f"{options.plan}: {error.strerror}")


def _run(plan: Plan, options: Options, console: Console) -> tuple[list[Outcome], Outcome | None]:
    """Run the plan's candidates, or search for some; return what is shown, and the one to take."""
    with console.status("") as status:

        def progress(number: int, name: str) -> None:
            of = f" of {len(plan.candidates)}" if plan.candidates else ""
            status.update(Text(f"run {number + 1}{of}: {name}"))

        return carried_out(plan, progress, None if options.exact else REQUESTS)


def _draw(console: Console, outcome: Outcome, is_endpoint: bool) -> None:
    columns = max(40, min(console.width, 100))
    drawn = chart(outcome, _noun(is_endpoint))
    for line in draw_text(drawn, columns=columns, rows=6, color=console.is_terminal):
        console.file.write(line + "\n")
    console.print()


def _noun(is_endpoint: bool) -> str:
    return "instances" if is_endpoint else "environments"


def _footing(plan: Plan, outcomes: Sequence[Outcome], took: float) -> str:
    arrived = sum(outcome.tally.arrived for outcome in outcomes)
    served = sum(outcome.simulated for outcome in outcomes)
    return (
        f"{duration_text(round(plan.traffic.duration, 3))}, {plan.traffic.total:,.0f} requests a candidate; "
        f"{served:,} of {arrived:,.0f} served one by one, in {took:.1f} s of one core. "
        f"Prices: {plan.prices.region}, {plan.prices.date}, {plan.prices.source}."
    )
