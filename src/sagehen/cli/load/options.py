"""The command line of `sagehen load`, as it was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """`cli/main.py` says what each means."""

    target: str
    rate: str | None
    trace: Path | None
    duration: str | None
    evenly: bool
    seed: int | None
    body: str | None
    body_dir: Path | None
    content_type: str | None
    header: Sequence[str]
    method: str | None
    sign: str | None
    endpoint_url: str | None
    aws: bool
    region: str | None
    max_in_flight: int
    timeout: str
    processes: int
    json: str | None
    picture: Path | None
    fail_if: Sequence[str]
    data: Path
