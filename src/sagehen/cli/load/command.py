"""Sends, shows, reports."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import typer
from botocore.exceptions import BotoCoreError

from sagehen.cli.failure import fail
from sagehen.cli.kept import keep, require_places
from sagehen.cli.load.options import Options
from sagehen.cli.load.ordered import access, addressed, ordered, slotted
from sagehen.cli.running import NotRunning
from sagehen.load.criterion import Criterion, parse_criterion, require_known
from sagehen.load.outgoing.order import Order
from sagehen.load.outgoing.schedule import traffic_of
from sagehen.load.report.chart import chart
from sagehen.load.report.document import document
from sagehen.load.report.text import text
from sagehen.load.run.access import time_scale
from sagehen.load.run.conduct import Progress, Run
from sagehen.load.run.senders import SenderFailed
from sagehen.load.run.watch import NotThere, watch_of
from sagehen.load.target import Function, Target, parse_target
from sagehen.load.view.view import View


def generate(options: Options) -> None:
    """Do what the command line asks; exit status 1 where a criterion is broken or nothing could be sent."""
    try:
        criteria = [parse_criterion(one) for one in options.fail_if or ()]
        target = parse_target(options.target)
        require_known(criteria, target)
        require_places(options.json, options.picture)
        order = ordered(options, target)
        traffic = traffic_of(order)
        reached = access(options, target)
        order = slotted(addressed(order, target, reached, options.sign), traffic.duration)
        watch = watch_of(target, reached)
        watch.begin()
        scale = time_scale(order.url) if reached else 1.0
    except (ValueError, NotRunning, NotThere, BotoCoreError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    # With `--json -` standard output is the document's alone.
    screen = sys.stderr if options.json == "-" else sys.stdout
    view = View(str(target), traffic, watch.seen, order.slot, screen)
    try:
        with view.shown():
            progress = asyncio.run(Run(order, traffic.duration, watch, view.show).conduct())
        watch.end(progress.began)
    except SenderFailed as error:
        fail(str(error))
    except BotoCoreError as error:
        watch.seen.notes.append(f"AWS could not be asked afterwards: {error}")
    found = document(_asked(options, target, order), progress, watch.seen, slot=order.slot, time_scale=scale)
    print(text(found), file=screen, flush=True)
    keep(options.json, found, options.picture, chart(found))
    _judge(criteria, progress)


def _asked(options: Options, target: Target, order: Order) -> dict[str, Any]:
    """Return what the report repeats of the command line."""
    return {
        "target": str(target),
        "url": order.url,
        "rate": options.rate,
        "trace": order.trace,
        "arrivals": "evenly" if order.evenly else "poisson",
        "seed": order.seed,
        "max_in_flight": order.most_in_flight * order.shares,
        "timeout_seconds": order.timeout,
        "processes": order.shares,
        "knows_cold_starts": isinstance(target, Function),
    }


def _judge(criteria: Sequence[Criterion], progress: Progress) -> None:
    broken = [reason for criterion in criteria if (reason := criterion.broken_by(progress.whole))]
    for reason in broken:
        typer.secho(f"failed: {reason}", err=True, fg="red")
    if broken:
        raise typer.Exit(1)
