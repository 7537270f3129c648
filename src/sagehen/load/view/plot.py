"""The last minutes as a plot in a terminal. Pure."""

from __future__ import annotations

from sagehen.load.measured.tally import Tally
from sagehen.load.run.conduct import Progress
from sagehen.plots.chart import Chart, Panel, Series, XAxis, YAxis
from sagehen.plots.terminal.plot import draw_text

_ROWS = 9
# Percentiles are computed anew each time: a minute of a short run, a third of a long one.
_LEAST_STRETCHES, _MOST_STRETCHES = 3, 60


def plot(progress: Progress, slot: float, columns: int) -> str:
    """Return rates and the 99th percentile over time; nothing while there is little to see.

    Args:
        progress: The run's.
        slot: Seconds of a stretch.
        columns: Width, in characters.
    """
    # The newest stretch is not over: it would look like a fall.
    last = int(min(progress.elapsed, progress.duration) / slot)
    if last < _LEAST_STRETCHES:
        return ""
    numbers = range(max(0, last - _MOST_STRETCHES), last)
    tallies = [progress.tallies.get(number, Tally()) for number in numbers]
    at = tuple((number + 0.5) * slot for number in numbers)
    due = Series("due", at, tuple(tally.due / slot for tally in tallies))
    done = Series("succeeded", at, tuple(tally.succeeded / slot for tally in tallies))
    p99 = Series("p99", at, tuple(tally.latency.percentile(99) for tally in tallies))
    chart = Chart(
        (
            Panel((due, done), left=YAxis("requests per second", low=0.0)),
            Panel((p99,), left=YAxis("ms", low=0.0)),
        ),
        x=XAxis("number", "seconds", low=numbers[0] * slot),
    )
    return "\n".join(draw_text(chart, columns=columns, rows=_ROWS, color=False))
