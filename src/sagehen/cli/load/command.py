"""Sends, shows, reports."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import typer
from botocore.exceptions import BotoCoreError

from sagehen.cli.load.options import Options
from sagehen.cli.load.ordered import access, addressed, ordered, slotted
from sagehen.cli.running import NotRunning
from sagehen.cli.up import fail
from sagehen.load.criterion import Criterion, parse_criterion
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
from sagehen.plots.bounds import TooMuchToDraw
from sagehen.plots.pictures.frames import DrawingFailed, PicturesUnavailable
from sagehen.plots.pictures.once import draw_png


def generate(options: Options) -> None:
    """Do what the command line asks; exit status 1 where a criterion is broken or nothing could be sent."""
    try:
        criteria = [parse_criterion(one) for one in options.fail_if]
        target = parse_target(options.target)
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
    _keep(options, found)
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


def _keep(options: Options, found: dict[str, Any]) -> None:
    if options.json is not None:
        content = orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n"
        try:
            if options.json == "-":
                sys.stdout.buffer.write(content)
                sys.stdout.buffer.flush()
            else:
                Path(options.json).write_bytes(content)
        except OSError as error:
            fail(f"{options.json}: {error.strerror}")
    if options.picture is not None:
        try:
            options.picture.write_bytes(draw_png(chart(found)))
        except OSError as error:
            fail(f"{options.picture}: {error.strerror}")
        except (DrawingFailed, PicturesUnavailable, TooMuchToDraw) as error:
            fail(str(error))


def _judge(criteria: Sequence[Criterion], progress: Progress) -> None:
    broken = [reason for criterion in criteria if (reason := criterion.broken_by(progress.whole))]
    for reason in broken:
        typer.secho(f"failed: {reason}", err=True, fg="red")
    if broken:
        raise typer.Exit(1)
