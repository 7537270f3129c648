"""Options of `sagehen export`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sagehen.cli.options import DataOption


class Format(StrEnum):
    """In which language."""

    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"
    BOTO3 = "boto3"


class Rights(StrEnum):
    """What roles are given."""

    USED = "used"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class Options:
    """As they were typed."""

    data: DataOption
    format: Annotated[Format, typer.Option("--format", help="The language.")] = Format.CLOUDFORMATION
    chain: Annotated[
        str | None,
        typer.Option(metavar="ENDPOINT", help="What belongs to this endpoint; without it everything."),
    ] = None
    rights: Annotated[
        Rights, typer.Option("--rights", help="Of roles: what they made use of, or what they have here.")
    ] = Rights.USED
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: list what to know and to do before it is deployed."),
    ] = False
    to: Annotated[Path, typer.Option(help="A folder that is not there yet, or is empty.")] = Path("exported")
