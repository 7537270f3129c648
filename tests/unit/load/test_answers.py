"""What answers say, and what reports say of them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sagehen.load.measured.tally import Tally, total
from sagehen.load.report.chart import chart
from sagehen.load.report.document import document
from sagehen.load.report.per_instance import per_instance_and_minute
from sagehen.load.report.text import text
from sagehen.load.run.conduct import Progress
from sagehen.load.run.watch import Seen
from sagehen.load.sender.answer import fault_of, init_ms


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "throttled"),
    [
        (500, {}, b"", "500", False),
        (429, {}, b"", "429", True),
        (400, {b"x-amzn-errortype": b"ValidationException:http://x/"}, b"", "400 ValidationException", False),
        (400, {}, b'{"__type":"com.amazonaws#ThrottlingException"}', "400 ThrottlingException", True),
        (503, {}, b'{"Code": "SlowDown"}', "503 SlowDown", True),
        (403, {}, b'{"message":"Forbidden"}', "403", False),
        (502, {}, b"[" * 4000, "502", False),
        (400, {b"x-amzn-errortype": b"\xff\x00 <script>"}, b"", "400", False),
        (
            200,
            {b"x-amz-function-error": b"Unhandled"},
            b'{"errorMessage":"x"}',
            "function error: Unhandled",
            False,
        ),
    ],
)
def test_faults(status: int, headers: dict[bytes, bytes], body: bytes, kind: str, throttled: bool) -> None:
    fault = fault_of(status, headers, body)
    assert fault is not None
    assert (fault.kind, fault.throttled) == (kind, throttled)


def test_a_server_does_not_speak_to_the_terminal() -> None:
    fault = fault_of(500, {}, b"no\x1b[2J\n way\x00")
    assert fault is not None and fault.text == "no?[2J way?"


def test_successes() -> None:
    assert fault_of(200, {}, b'{"__type": "x"}') is None
    assert fault_of(302, {}, b"") is None


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (b"REPORT RequestId: 1\tDuration: 2.10 ms\tInit Duration: 215.37 ms\t\n", 215.37),
        (b"REPORT RequestId: 1\tDuration: 2.10 ms\n", None),
        (
            b"INIT_REPORT Init Duration: 12.5 ms\tPhase: init\n",
            None,
        ),  # of an environment that failed to start
        (b"\xff", None),
    ],
)
def test_cold_starts_stand_in_the_report_line(tail: bytes, expected: float | None) -> None:
    assert init_ms({b"x-amz-log-result": base64.b64encode(tail)}) == expected


def test_no_log_no_cold_start() -> None:
    assert init_ms({}) is None
    assert init_ms({b"x-amz-log-result": b"%"}) is None


def test_load_is_counted_per_instance_and_minute() -> None:
    tallies = {0: Tally(succeeded=10), 1: Tally(succeeded=18, sent=20), 2: Tally(succeeded=500)}
    tallies[1].fail("500", count=2)
    instances = [(0.0, 1, 1), (0.9, 2, 2)]
    # 10 on one, 20 on two; the last one may be cut short
    assert per_instance_and_minute(tallies, instances, 1.0, 1.0) == {0: 600, 1: 600}
    assert per_instance_and_minute(tallies, instances, 1.0, 60.0) == {0: 10, 1: 10}
    assert per_instance_and_minute(tallies, [], 1.0, 1.0) == {}
    assert per_instance_and_minute({}, instances, 1.0, 1.0) == {}


def _document(tallies: dict[int, Tally], seen: Seen, **asked: Any) -> dict[str, Any]:
    progress = Progress(duration=2.0, elapsed=2.5, tallies=tallies, whole=total(tallies))
    basics = {"target": "endpoint/e", "rate": "5", "max_in_flight": 10, "knows_cold_starts": False} | asked
    return document(basics, progress, seen, slot=1.0, time_scale=60.0)


def test_a_report_says_what_people_get_wrong() -> None:
    tally = Tally(due=20, sent=19, not_sent=1, succeeded=19)
    tally.lateness.record(50_000)
    seen = Seen(
        instances=[(0.0, 1, 1), (2.0, 2, 2)],
        policies=[{"variant": "v", "policy": "p", "target": 5.0}],
        activities=[{"seconds": 1.0, "description": "to 2.", "cause": "alarm", "status": "Successful"}],
    )
    found = _document({0: tally, 1: Tally()}, seen)
    shown = text(found)
    assert "per instance and minute of its clock, which runs 60 times as fast" in " ".join(shown.split())
    assert found["per_instance_and_minute"] == 19
    assert "3.8 times the target" in " ".join(shown.split())
    assert "fifteen quiet minutes" in " ".join(shown.split())
    assert "1 -> 2 (after 2 s)" in shown
    drawn = chart(found)
    assert [panel.title for panel in drawn.panels][2:] == ["Instances", "Invocations per instance and minute"]
    assert [level.value for level in drawn.panels[-1].levels] == [5.0]
    assert drawn.panels[0].series[0].ys == (20.0, 0.0)
    assert "1 requests were due and not sent" in " ".join(shown.split())
    assert "This generator itself was late" in " ".join(shown.split())


def test_a_report_of_a_function() -> None:
    tally = Tally(due=10, sent=10, succeeded=6, cold=2)
    tally.fail("429 TooManyRequestsException", throttled=True, count=4, first="Rate Exceeded.")
    tally.init.record(200_000)
    found = _document({0: tally}, Seen(concurrency=[(0.0, 3.0)]), target="function:f", knows_cold_starts=True)
    shown = " ".join(text(found).split())
    assert "40.0% were throttled" in shown
    assert "never to $LATEST" in shown
    assert "at most 3 (ConcurrentExecutions)" in shown
    assert "4 x 429 TooManyRequestsException Rate Exceeded." in shown
    cold, concurrency = chart(found).panels[-1].series
    assert (cold.label, cold.ys, concurrency.ys) == ("cold starts", (2.0,), (3.0, 3.0))


def test_a_report_of_nothing() -> None:
    found = _document({}, Seen())
    assert found["latency_ms"]["p99"] is None
    assert "p99 -" in text(found)
