"""Traffic from a file: CSV of moments, and of the rate or of the number of requests from each on."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NoReturn, TextIO

from sagehen.traffic.traffic import MOST_PER_SECOND, MOST_PIECES, Piece, Traffic

_LONGEST_LINE = 4096
_MOMENTS = ("seconds", "time", "timestamp")
_RATES = ("rate", "rps")
_COUNTS = ("requests", "count", "invocations")


class TraceError(ValueError):
    """A trace that makes no sense; the message names the line."""


@dataclass(frozen=True, slots=True)
class _Columns:
    moment: int
    value: int
    counts: bool


def read_trace(path: Path) -> Traffic:
    """Read a trace from a file.

    Raises:
        TraceError: See `trace`.
        OSError: It cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return trace(_lines(file))
    except UnicodeDecodeError:
        raise TraceError("no text in UTF-8") from None


def trace(lines: Iterable[str]) -> Traffic:
    """Return the traffic that lines of CSV describe.

    The first column is a moment: seconds, or ISO 8601 (`2026-11-29T08:00:00Z`); each later than the one
    before. What counts is the time since the first one. The second is the rate in requests per second from
    there to the next moment, or, under a header that says `requests`, `count` or `invocations`, how many came
    in between. The last one lasts as long as the one before it. A header may name the columns in any order,
    among others that are not looked at; without one there are just the two, the second being a rate.

    Args:
        lines: Text; a million at most.

    Raises:
        TraceError: With the number of the line.
    """
    rows = _rows(lines)
    first = next(rows, None)
    if first is None:
        raise TraceError("line 1: the trace is empty")
    columns = _header(*first)
    moments: list[float] = []
    values: list[float] = []
    kind: int | None = None
    for number, row in rows if columns else _with(first, rows):
        used = columns or _Columns(0, 1, counts=False)
        if columns is None and len(row) != 2:
            _fail(number, f"{len(row)} columns: without a header there are two, seconds and rate")
        if len(row) <= max(used.moment, used.value):
            _fail(number, "columns are missing")
        moment, own_kind = _moment(row[used.moment].strip(), number)
        if kind not in (None, own_kind):
            _fail(number, "seconds and dates, or dates with and without a time zone, do not mix")
        kind = own_kind
        if moments and moment <= moments[-1]:
            _fail(number, "is not later than the line before")
        if len(moments) == MOST_PIECES:
            _fail(number, f"more than {MOST_PIECES:,} moments")
        moments.append(moment)
        values.append(_value(row[used.value].strip(), number))
    if len(moments) < 2:
        raise TraceError("a trace needs two moments at least: the second says how long the first one lasts")
    lengths = [after - before for before, after in pairwise(moments)]
    lengths.append(lengths[-1])
    return Traffic(_pieces(lengths, values, counts=columns is not None and columns.counts))


def _pieces(lengths: list[float], values: list[float], *, counts: bool) -> Iterator[Piece]:
    for number, (length, value) in enumerate(zip(lengths, values, strict=True), 1):
        rate = value / length if counts else value
        if rate > MOST_PER_SECOND:
            raise TraceError(
                f"moment {number}: {rate:,.0f} requests per second; at most {MOST_PER_SECOND:,.0f}"
            )
        yield Piece(length, rate, rate)


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines without ever holding one that is too long."""
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            _fail(number, f"more than {_LONGEST_LINE:,} characters")
        yield line


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their line numbers; empty lines and lines that begin with # are left out."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            (row,) = csv.reader([line], strict=True)
        except (csv.Error, ValueError):
            _fail(number, "is no CSV")
        yield number, row


def _with(
    first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest


def _header(number: int, row: Sequence[str]) -> _Columns | None:
    names = [name.strip().lower() for name in row]
    moments = [n for n, name in enumerate(names) if name in _MOMENTS]
    values = [n for n, name in enumerate(names) if name in _RATES + _COUNTS]
    if not moments and not values:
        return None
    if len(moments) != 1 or len(values) != 1:
        _fail(
            number,
            f"the header needs one of {', '.join(_MOMENTS)} and one of {', '.join(_RATES + _COUNTS)}",
        )
    return _Columns(moments[0], values[0], counts=names[values[0]] in _COUNTS)


def _moment(text: str, number: int) -> tuple[float, int]:
    """Return seconds, and what they are counted from: 0 for nothing, 1 for a date, 2 for one with a zone."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            date = datetime.fromisoformat(text)
        except ValueError:
            _fail(number, f"{text[:40]!r} is neither seconds nor a date like 2026-11-29T08:00:00Z")
        # Without a zone no hour is left out or comes twice: as if it were UTC.
        if date.tzinfo is None:
            return (date - datetime(1970, 1, 1)).total_seconds(), 1
        return date.timestamp(), 2
    if not math.isfinite(seconds):
        _fail(number, f"{text[:40]!r} is no number of seconds")
    return seconds, 0


def _value(text: str, number: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1e12:
        _fail(number, f"{text[:40]!r} is no number of requests")
    return value


def _fail(number: int, reason: str) -> NoReturn:
    raise TraceError(f"line {number}: {reason}")
