"""draw_png: one picture, for commands that draw one and end."""

from __future__ import annotations

import subprocess

from sagehen.plots.chart import Chart
from sagehen.plots.pictures.command import ALL_S, command, environment
from sagehen.plots.pictures.frames import ANSWER, DrawingFailed, encoded, ended_early, png_of
from sagehen.plots.totals import Totals


def draw_png(picture: Chart | Totals) -> bytes:
    """Draw a picture in a process of its own and wait for it: some 1.5 s, most of it matplotlib's import.

    Raises:
        PicturesUnavailable: matplotlib is not installed; the message names the command.
        TooMuchToDraw: It is beyond the bounds.
        DrawingFailed: It could not be drawn, or not within a minute.
    """
    message = encoded(picture)
    try:
        ran = subprocess.run(
            command(idle_s=ALL_S),
            input=message,
            capture_output=True,
            env=environment(),
            cwd="/",
            timeout=ALL_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DrawingFailed(f"The drawing process failed: {error}") from None
    if len(ran.stdout) < ANSWER.size:
        raise DrawingFailed(_last_words(ran.stderr) or ended_early(ran.returncode))
    kind, length = ANSWER.unpack_from(ran.stdout)
    return png_of(kind, ran.stdout[ANSWER.size : ANSWER.size + length])


def _last_words(errors: bytes) -> str:
    lines = errors.decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else ""
