"""Options of `sagehen rehearse`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """As the command line has them.

    Args:
        plan: The file; `-` is standard input.
        data: The data folder, for what the platform recorded.
        exact: Serve each request.
        aws: Read recorded metrics from AWS.
        region: Of AWS.
        json, picture: Files to write; `-` prints the JSON.
    """

    plan: str
    data: Path
    exact: bool
    aws: bool
    region: str | None
    json: str | None
    picture: Path | None
