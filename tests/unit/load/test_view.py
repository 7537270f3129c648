"""What a person sees while it runs."""

from __future__ import annotations

import io

from sagehen.load.measured.tally import Tally, total
from sagehen.load.run.conduct import Progress
from sagehen.load.run.watch import Seen
from sagehen.load.view.numbers import Counted, numbers
from sagehen.load.view.plot import plot
from sagehen.load.view.shown import line, rows
from sagehen.load.view.view import View
from sagehen.traffic.expression import parse_rate

TRAFFIC = parse_rate("10 for 20s")


def _progress() -> Progress:
    tallies = {}
    for number in range(10):
        tallies[number] = tally = Tally(due=10, sent=9, not_sent=1, succeeded=7, cold=1)
        tally.fail("429 [red]x", throttled=True)
        for _ in range(7):
            tally.latency.record(1000 * (number + 1))
    return Progress(20.0, elapsed=10.0, tallies=tallies, whole=total(tallies), in_flight=10)


def test_rates_are_since_the_last_moment_and_latencies_of_the_last_seconds() -> None:
    moment = numbers(_progress(), TRAFFIC, Counted(8.0, 80, 72, 60), 1.0)
    assert (moment.intended, moment.due, moment.sent, moment.answered) == (10, 10, 9, 10)
    assert moment.p50 is not None and 7.9 < moment.p50 < 8.1  # of 6, 7, 8, 9 and 10 ms


def test_a_line_and_a_table() -> None:
    seen = Seen(instances=[(0.0, 1, 1), (5.0, 1, 2)])
    moment = numbers(_progress(), TRAFFIC, Counted(0.0, 0, 0, 0), 1.0)
    assert line(moment, seen, 20.0) == (
        "0:10 of 20s; 10.0/s due, 8.0/s answered; 10 in flight; p50 8.00 ms, p99 10.0 ms; 10 failed; "
        "10 throttled; 10 not sent; 10 cold starts; instances 1, 2 wanted"
    )
    assert dict(rows(moment, seen))["error"] == "10 x 429 [red]x"


def test_without_a_terminal_a_line_comes_every_five_seconds() -> None:
    file = io.StringIO()
    view = View("endpoint/e", TRAFFIC, Seen(), 1.0, file)
    with view.shown():
        for elapsed in (1.0, 4.9, 5.0, 6.0, 9.0, 10.0):
            progress = _progress()
            progress.elapsed = elapsed
            view.show(progress)
    assert [shown.split()[0] for shown in file.getvalue().splitlines()] == ["0:05", "0:10"]


def test_a_terminal_gets_a_table_and_a_plot() -> None:
    file = io.StringIO()
    file.isatty = lambda: True  # type: ignore[method-assign]
    view = View("endpoint/[bold]e", TRAFFIC, Seen(), 1.0, file)
    with view.shown():
        view.show(_progress())
    shown = file.getvalue()
    assert "endpoint/[bold]e" in shown and "429 [red]x" in shown and "requests per second" in shown


def test_a_plot_needs_some_stretches_and_takes_the_newest() -> None:
    assert plot(Progress(20.0, elapsed=2.0), 1.0, 80) == ""
    assert "p99" in plot(_progress(), 1.0, 80)
    assert plot(Progress(500.0, elapsed=500.0), 1.0, 80).count("4") >= 1
