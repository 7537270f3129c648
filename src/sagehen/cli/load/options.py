"""Options of `sagehen load`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sagehen.cli.options import DataOption


@dataclass(frozen=True, slots=True)
class Options:
    """As they were typed."""

    target: Annotated[
        str,
        typer.Argument(help="endpoint/NAME\\[/variant/VARIANT], function:NAME[:QUALIFIER], or a URL."),
    ]
    data: DataOption
    rate: Annotated[
        str | None,
        typer.Option(help="Requests per second: 5, 'ramp 1 to 50 for 2m, 50', 'wave 5 to 50 every 1h' ..."),
    ] = None
    trace: Annotated[Path | None, typer.Option(help="A CSV file of moments and rates or requests.")] = None
    duration: Annotated[str | None, typer.Option(help="How long: 90s, 5m, 2h.")] = None
    body: Annotated[str | None, typer.Option(help="What to send: a text, or @FILE.")] = None
    body_dir: Annotated[
        Path | None, typer.Option("--body-dir", help="A folder whose files are sent in turn.")
    ] = None
    content_type: Annotated[
        str | None, typer.Option("--content-type", help="Of what is sent; guessed without it.")
    ] = None
    header: Annotated[list[str] | None, typer.Option("--header", "-H", help="'Name: value'; repeatable.")] = (
        None
    )
    method: Annotated[str | None, typer.Option(help="Of requests to a URL: GET, or POST with a body.")] = None
    sign: Annotated[
        str | None, typer.Option(help="Sign requests to a URL for this service: execute-api, lambda.")
    ] = None
    endpoint_url: Annotated[
        str | None,
        typer.Option("--endpoint-url", help="Where AWS's API is; as the SDKs find it, or Sagehen."),
    ] = None
    aws: Annotated[bool, typer.Option("--aws", help="Send to AWS itself, which costs money.")] = False
    region: Annotated[str | None, typer.Option(help="AWS's region.")] = None
    evenly: Annotated[bool, typer.Option("--evenly", help="Evenly spaced, not at random moments.")] = False
    seed: Annotated[int | None, typer.Option(help="Of the random moments: the same again.")] = None
    max_in_flight: Annotated[
        int,
        typer.Option(
            "--max-in-flight", min=1, max=60000, help="What is due beyond is not sent, but counted."
        ),
    ] = 1000
    timeout: Annotated[str, typer.Option(help="When an answer is given up.")] = "30s"
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many send, each its share.")] = 1
    json: Annotated[str | None, typer.Option(help="Write the report to this file; - prints it.")] = None
    picture: Annotated[Path | None, typer.Option(help="Draw the report to this PNG file.")] = None
    fail_if: Annotated[
        list[str] | None,
        typer.Option("--fail-if", help="Exit with 1 if 'p99>500ms', 'errors>1%', 'not-sent>0'; repeatable."),
    ] = None
