"""Options of `sagehen rehearse`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sagehen.cli.options import DataOption


@dataclass(frozen=True, slots=True)
class Options:
    """As they were typed."""

    plan: Annotated[str, typer.Argument(help="A YAML or JSON file (docs/rehearse.md); - is standard input.")]
    data: DataOption
    exact: Annotated[
        bool, typer.Option("--exact", help="Serve each request, where a sample stands for many otherwise.")
    ] = False
    aws: Annotated[bool, typer.Option("--aws", help="Recorded metrics are AWS's, not Sagehen's.")] = False
    region: Annotated[str | None, typer.Option(help="AWS's region.")] = None
    json: Annotated[str | None, typer.Option(help="Write what was found to this file; - prints it.")] = None
    picture: Annotated[Path | None, typer.Option(help="Draw the recommended run to this PNG file.")] = None
