"""What a command leaves behind when it has ended: a document as JSON, a picture."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from sagehen.cli.failure import fail
from sagehen.plots.bounds import TooMuchToDraw
from sagehen.plots.chart import Chart
from sagehen.plots.pictures.frames import DrawingFailed, PicturesUnavailable
from sagehen.plots.pictures.once import draw_png


def require_places(json: str | None, picture: Path | None) -> None:
    """Refuse now what could not be written when all is over.

    Args:
        json: A file; `-` is standard output.
        picture: A file.

    Raises:
        ValueError: One is a folder, or in none.
    """
    for file in (picture, Path(json) if json not in (None, "-") else None):
        if file is not None and (file.is_dir() or not file.absolute().parent.is_dir()):
            raise ValueError(f"{file}: cannot be written there")


def keep(json: str | None, document: Mapping[str, Any], picture: Path | None, chart: Chart) -> None:
    """Write what was asked for, or end with a sentence about why it cannot be."""
    if json is not None:
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
        try:
            if json == "-":
                sys.stdout.buffer.write(content)
                sys.stdout.buffer.flush()
            else:
                Path(json).write_bytes(content)
        except OSError as error:
            fail(f"{json}: {error.strerror}")
    if picture is not None:
        try:
            picture.write_bytes(draw_png(chart))
        except OSError as error:
            fail(f"{picture}: {error.strerror}")
        except (DrawingFailed, PicturesUnavailable, TooMuchToDraw) as error:
            fail(str(error))
