"""Traffic as numbers, arrivals, durations and traces."""

from __future__ import annotations

import math
from itertools import islice, pairwise
from pathlib import Path

import pytest

from sagehen.traffic.arrivals import arrivals, batches
from sagehen.traffic.durations import duration_text, parse_duration
from sagehen.traffic.expression import parse_rate
from sagehen.traffic.trace import TraceError, read_trace, trace
from sagehen.traffic.traffic import Piece, Traffic


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86400), ("1h30m", 5400), ("250ms", 0.25)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds
    assert parse_duration(duration_text(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "0s", "9" * 30 + "d", "5m\n", "٥m", "1e3s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


def test_numbers_of_requests_are_areas() -> None:
    traffic = Traffic([Piece(10, 0, 10), Piece(10, 10, 10)])
    assert traffic.total == 150
    assert traffic.expected(0, 5) == 12.5
    assert traffic.expected(5, 15) == 37.5 + 50
    assert traffic.expected(-5, 100) == 150
    assert traffic.greatest == 10
    assert traffic.cut(5).total == 12.5
    assert traffic.times(2).total == 300
    assert (traffic.faster(10).duration, traffic.faster(10).total) == (2, 150)


@pytest.mark.parametrize("piece", [(0, 1, 1), (1, -1, 1), (1, 1, math.nan), (math.nan, 1, 1), (1, 1, 1e9)])
def test_pieces_out_of_range(piece: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="a piece of"):
        Traffic([Piece(*piece)])


def test_evenly_spaced_arrivals() -> None:
    assert list(arrivals(parse_rate("2 for 2s, 0 for 5s, 4 for 1s"), evenly=True)) == pytest.approx(
        [0, 0.5, 1, 1.5, 7, 7.25, 7.5, 7.75]
    )
    # x seconds of a ramp from 0 hold x*x/2 requests
    rising = list(arrivals(parse_rate("ramp 0 to 10 for 10s"), evenly=True))
    assert rising == pytest.approx([math.sqrt(2 * n) for n in range(50)])
    falling = list(arrivals(parse_rate("ramp 10 to 0 for 10s"), evenly=True))
    assert falling == pytest.approx([10 - math.sqrt(2 * (50 - n)) for n in range(50)])


def test_random_arrivals_follow_the_rate_and_the_seed() -> None:
    traffic = parse_rate("ramp 0 to 1000 for 20s, 500 for 10s, wave 0 to 400 every 5s for 10s")
    found = list(arrivals(traffic, seed=7))
    assert found == list(arrivals(traffic, seed=7))
    assert found != list(arrivals(traffic, seed=8))
    assert found == sorted(found)
    for begin in range(0, 40, 5):
        expected = traffic.expected(begin, begin + 5)
        counted = sum(begin <= at < begin + 5 for at in found)
        assert abs(counted - expected) < 5 * math.sqrt(
            expected
        )  # five standard deviations; the seed is fixed
    # What tells a Poisson process from even spacing: the spread of gaps is as large as their mean.
    steady = list(arrivals(parse_rate("100 for 100s"), seed=1))
    gaps = [after - before for before, after in pairwise(steady)]
    mean = sum(gaps) / len(gaps)
    spread = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert spread / mean == pytest.approx(1, abs=0.05)


def test_a_year_begins_at_once() -> None:
    year = parse_rate("wave 100 to 1000 every 24h", 366 * 86400)
    assert len(list(islice(arrivals(year, seed=1), 10))) == 10
    assert len(next(batches(year, seed=1))) == 4096


@pytest.mark.parametrize(
    ("text", "rates", "duration"),
    [
        ("0,5\n60,10\n", {0: 5, 60: 10, 119: 10}, 120),
        ("seconds,rate\n100,5\n130,7\n", {0: 5, 30: 7}, 60),
        ("host,Count,Time\na,600,0\nb,60,60\n", {0: 10, 60: 1}, 120),
        ("timestamp,requests\n2026-11-29T08:00:00Z,60\n2026-11-29T08:01:00+00:00,120\n", {0: 1, 60: 2}, 120),
        ("# made by hand\n\n2026-11-29 08:00,1\n2026-11-29 08:00:10,2\n", {9: 1, 10: 2}, 20),
    ],
)
def test_traces(tmp_path: Path, text: str, rates: dict[float, float], duration: float) -> None:
    (tmp_path / "trace.csv").write_text(text)
    traffic = read_trace(tmp_path / "trace.csv")
    assert {at: traffic.rate(at) for at in rates} == pytest.approx(rates)
    assert traffic.duration == duration


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "line 1: the trace is empty"),
        ("0,5\n", "two moments"),
        ("time,rate\n0,1\n0,2\n", "line 3: is not later"),
        ("0,1\n5,x\n", "line 2: 'x' is no number of requests"),
        ("0,1\n5,-1\n", "line 2: '-1' is no number"),
        ("0,1\n5,nan\n", "line 2: 'nan' is no number"),
        ("0,1\ninf,1\n", "line 2: 'inf' is no number of seconds"),
        ("0,1\nsoon,1\n", "line 2: 'soon' is neither"),
        ("0,1,2\n", "line 1: 3 columns"),
        ("time,rate,count\n", "line 1: the header needs one"),
        ("time\n", "line 1: the header needs one"),
        ("time,rate\n0\n", "line 2: columns are missing"),
        ("0,1\n2026-11-29,1\n", "line 2: seconds and dates"),
        ("2026-11-29,1\n2026-11-30T00:00Z,1\n", "line 2: seconds and dates"),
        ('0,"1\n', "line 1: is no CSV"),
        ("requests,seconds\n99999999,0\n1,1\n", "moment 1: 99,999,999 requests per second"),
        ("0," + "1" * 5000 + "\n", "line 1: more than 4,096"),
    ],
)
def test_traces_that_make_no_sense(tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "trace.csv").write_text(text)
    with pytest.raises(TraceError) as caught:
        read_trace(tmp_path / "trace.csv")
    assert str(caught.value).startswith(error) or error in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TraceError, match="UTF-8"):
        read_trace(tmp_path / "trace.csv")


def test_lines_from_anywhere() -> None:
    assert trace(["0,1", "1,1"]).total == 2
