"""Commands, over a few events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.logs.insights.commands.pipeline import Pipeline
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.queries.query import Status
from sagehen.services.logs.insights.queries.running import Run
from tests.unit.logs.insights.running import SOURCE, START_MS, run

EVENTS = [
    json.dumps({"path": path, "ms": ms})
    for path, ms in [("/a", 10), ("/b", 30), ("/a", 20), (None, 5), ("/a", 30)]
]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("limit 1", [{"@timestamp": "2026-01-01 00:04:00.000", "@message": EVENTS[4]}]),
        ("fields ms | limit 2", [{"ms": "30"}, {"ms": "5"}]),
        ("fields ms | fields path | limit 1", [{"ms": "30", "path": "/a"}]),
        ("fields ms as m, m * 2 as double | limit 1", [{"m": "30", "double": "60"}]),
        ("fields ms | display path | limit 1", [{"path": "/a"}]),
        ("fields ms | sort ms | limit 2", [{"ms": "5"}, {"ms": "10"}]),
        ("fields path, ms | sort path desc, ms asc | limit 2",
         [{"path": "/b", "ms": "30"}, {"path": "/a", "ms": "10"}]),
        ("fields path | dedup path", [{"path": "/a"}, {}, {"path": "/b"}]),
        ("fields path, ms | sort ms | dedup path | limit 2", [{"ms": "5"}, {"path": "/a", "ms": "10"}]),
        ('parse @message \'"path": "*"\' as p | filter ispresent(p) | display p | limit 1', [{"p": "/a"}]),
        ("parse @message /\"ms\": (?<x>3)(?<y>0)?/ | filter x = 3 | display x, y | limit 1",
         [{"x": "3", "y": "0"}]),
        ("parse path '/*' as p | display p | limit 2", [{"p": "a"}, {}]),
        ("stats count(*)", [{"count(*)": "5"}]),
        ("filter ms > 100 | stats count(*), sum(ms)", [{"count(*)": "0"}]),
        ("filter ms > 100 | stats count(*) by path", []),
        ("stats count(path) as n, count() as m", [{"n": "4", "m": "5"}]),
        (
            "stats sum(ms), avg(ms), min(ms), max(ms) by path",
            [
                {"sum(ms)": "5", "avg(ms)": "5", "min(ms)": "5", "max(ms)": "5"},
                {"path": "/a", "sum(ms)": "60", "avg(ms)": "20", "min(ms)": "10", "max(ms)": "30"},
                {"path": "/b", "sum(ms)": "30", "avg(ms)": "30", "min(ms)": "30", "max(ms)": "30"},
            ],
        ),
        ("stats pct(ms, 50), percentile(ms, 100), pct(ms, 0)",
         [{"pct(ms, 50)": "20", "percentile(ms, 100)": "30", "pct(ms, 0)": "5"}]),
        ("stats stddev(ms) as s, count_distinct(path) as d", [{"s": "10.198", "d": "2"}]),
        ("stats earliest(path) as e, latest(path) as l", [{"e": "/a", "l": "/a"}]),
        ("stats earliest(@timestamp) as e, max(@timestamp) as l",
         [{"e": str(START_MS), "l": str(START_MS + 240_000)}]),
        ("stats sortsFirst(path) as f, sortsLast(path) as l", [{"f": "/a", "l": "/b"}]),
        ("stats max(ms / 10) as tens, tens + 1 as more, ceil(avg(ms)) * 2 as twice",
         [{"tens": "3", "more": "4", "twice": "38"}]),
        ("stats count(*) as n by bin(2m) as t | sort t desc | limit 1",
         [{"t": "2026-01-01 00:04:00.000", "n": "1"}]),
        ("stats count(*) as n by path | filter n > 1", [{"path": "/a", "n": "3"}]),
        ("stats count(*) as n by path | stats max(n) as most", [{"most": "3"}]),
        ("stats count(*) as n by strlen(path) as size | display n", [{"n": "1"}, {"n": "4"}]),
        ("stats count(*) by path | fields `count(*)` * 2 as twice | filter path = '/a'",
         [{"path": "/a", "count(*)": "3", "twice": "6"}]),
    ],
)  # fmt: skip
def test_results(query: str, rows: list[dict[str, str]]) -> None:
    assert run(query, *EVENTS) == rows


@pytest.mark.parametrize(
    ("pattern", "message", "parts"),
    [
        ("user=*, method:*, latency := *", "user=bob, method:GET, latency := 12", ["bob", "GET", "12"]),
        ("[*] *", "at 12 [INFO] all [of] it", ["INFO", "all [of] it"]),
        ("*,*", "a,b,c", ["a", "b,c"]),
        ("* b", "a b b", ["a"]),
        ("x*", "no", None),
        ("*a*", "b", None),
        ("<*>", "< <a> >", [" <a"]),
    ],
)
def test_wildcards_of_parse(pattern: str, message: str, parts: list[str] | None) -> None:
    names = [f"p{number}" for number in range(pattern.count("*"))]
    [row] = run(f"parse @message '{pattern}' as {', '.join(names)} | display {', '.join(names)}", message)
    assert row == ({} if parts is None else dict(zip(names, parts, strict=True)))


def _events(count: int) -> Any:
    return (Row(SOURCE, START_MS - n, n, json.dumps({"n": n, "m": -n})) for n in range(count))


def test_a_limit_bounds_what_sort_holds() -> None:
    pipeline = Pipeline("fields n | sort m desc | limit 3", most_bytes=1_500_000)
    assert not pipeline.in_order
    run = Run(pipeline, 1)
    assert run.finish(_events(5000)).status is Status.COMPLETE
    assert [row[0] for row in run.rows] == [("n", "0"), ("n", "1"), ("n", "2")]


def test_rows_that_are_large_are_let_go_of_as_well() -> None:
    rows = (Row(SOURCE, START_MS - n, n, json.dumps({"n": n, "text": "x" * 50_000})) for n in range(1000))
    run = Run(Pipeline("fields n | sort n desc | limit 20", most_bytes=20_000_000), 1)
    assert run.finish(rows).status is Status.COMPLETE
    assert [row[0][1] for row in run.rows] == [str(n) for n in range(999, 979, -1)]


def test_everything_is_scanned_but_for_limit_any() -> None:
    for query, scanned in (("filter n > 9 | limit 5", 2000), ("filter n > 9 | limit any 5", 15)):
        run = Run(Pipeline(query), 1)
        outcome = run.finish(_events(2000))
        assert (len(run.rows), outcome.statistics.scanned) == (5, scanned)
    assert outcome.statistics.matched == 5


_TEN = ", ".join(["@message"] * 10)


@pytest.mark.parametrize(
    "query",
    [
        "stats count(*) by n",
        "sort n | dedup m",
        "stats count_distinct(n)",
        "dedup n",
        f"stats latest(concat({_TEN})), max(concat({_TEN})) by n % 100",  # the texts, not the groups
    ],
)
def test_what_holds_too_much_fails(query: str) -> None:
    run = Run(Pipeline(query, most_bytes=100_000), 1)
    outcome = run.finish(_events(5000))
    assert outcome.status is Status.FAILED
    assert outcome.statistics.scanned < 5000


def test_the_keys_of_texts_count_in_what_sort_holds() -> None:
    rows = [Row(SOURCE, START_MS - n, n, "a1" * 100) for n in range(20)]
    assert Run(Pipeline("sort @timestamp", most_bytes=100_000), 1).finish(rows).status is Status.COMPLETE
    assert Run(Pipeline("sort @message", most_bytes=100_000), 1).finish(rows).status is Status.FAILED


def test_a_deadline_and_a_stop() -> None:
    def endless() -> Any:
        while True:
            yield from _events(100)

    assert Run(Pipeline("stats count(*)"), 1, longest_s=0.0).finish(endless()).status is Status.TIMEOUT
    run = Run(Pipeline("stats count(*)"), 1)
    run.cancel()
    assert run.finish(endless()).status is Status.CANCELLED


def test_an_expression_that_takes_too_long_finds_nothing() -> None:
    slow = "a" * 5000 + "b"
    assert run(r"filter @message like /(?:a|aa|a?a)+$|(x+x+)+y/", "x" * 60, slow) == []


def test_percentiles_of_many() -> None:
    run = Run(Pipeline("stats pct(n, 99) as p, pct(n, 50) as q, pct(z, 50) as none"), 1)
    run.finish(_events(25_000))
    assert run.rows == [[("p", "24749"), ("q", "12499")]]
