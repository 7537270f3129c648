"""View: shows a run while it lasts."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sagehen.load.run.conduct import Progress
from sagehen.load.run.watch import Seen
from sagehen.load.view.numbers import Counted, numbers
from sagehen.load.view.plot import plot
from sagehen.load.view.shown import clock, line, rows
from sagehen.traffic.durations import duration_text
from sagehen.traffic.traffic import Traffic

# A file or a pipe: enough to see that it lives.
_LINE_S = 5.0
# Senders tell four times a second: rates of less than this would jump.
_RATES_S = 2.0
_SHOWN_WIDTH, _PLOT_COLUMNS = 60, 100


class View:
    """Give `show` to a Run, within `shown`.

    Args:
        title: The target.
        traffic: What is to come.
        seen: What AWS says meanwhile; read anew each time.
        slot: Seconds of a stretch.
        file: Where to; a terminal gets a table, anything else a line every five seconds.
    """

    def __init__(self, title: str, traffic: Traffic, seen: Seen, slot: float, file: TextIO) -> None:
        self._title = title
        self._traffic = traffic
        self._seen = seen
        self._slot = slot
        self._console = Console(file=file, highlight=False)
        self._live: Live | None = None
        self._before = deque([Counted(0.0, 0, 0, 0)])
        self._told = 0.0

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Take the terminal, if there is one, and give it back."""
        if not self._console.is_terminal:
            yield
            return
        # Drawn when there is something new, and by no thread of its own.
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        with self._live:
            yield
        self._live = None

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        if self._live is None and progress.elapsed - self._told < _LINE_S:
            return
        moment = numbers(progress, self._traffic, self._before[0], self._slot)
        self._before.append(moment.counted)
        while moment.counted.seconds - self._before[1].seconds >= _RATES_S:
            self._before.popleft()
        if self._live is None:
            self._told = progress.elapsed
            self._console.print(
                line(moment, self._seen, self._traffic.duration), markup=False, soft_wrap=True
            )
            return
        ending = (
            "waiting for the last answers" if progress.elapsed > self._traffic.duration else "Ctrl-C ends it"
        )
        if progress.interrupted:
            ending = "ended: waiting for the last answers, Ctrl-C again does not"
        table = Table(
            title=Text(
                f"{self._title[:_SHOWN_WIDTH]}   {clock(moment.elapsed)} of "
                f"{duration_text(round(self._traffic.duration))}   {ending}"
            ),
            show_header=False,
            title_justify="left",
            box=None,
        )
        for name, value in rows(moment, self._seen):
            table.add_row(Text(name), Text(value))  # as they are: no markup
        columns = min(self._console.width, _PLOT_COLUMNS)
        drawn = Text(plot(progress, self._slot, columns), no_wrap=True)
        self._live.update(Group(table, Text(""), drawn), refresh=True)
