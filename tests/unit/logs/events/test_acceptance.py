"""Which events of a batch are taken: API_PutLogEvents, constraint by constraint."""

from __future__ import annotations

import pytest

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.events.acceptance import accept

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_795_366_800_000


def batch(*ages_ms: int) -> list[dict[str, object]]:
    return [{"timestamp": NOW - age_ms, "message": str(number)} for number, age_ms in enumerate(ages_ms)]


# How old events are, the group's retention in days, what is taken, and what is told of the rest.
BATCHES = [
    ((0,), None, "0", {}),
    ((14 * DAY,), None, "0", {}),
    ((14 * DAY + 1,), None, "", {"tooOldLogEventEndIndex": 1}),
    ((14 * DAY + 1, 14 * DAY), None, "1", {"tooOldLogEventEndIndex": 1}),
    ((-2 * HOUR,), None, "0", {}),
    ((-2 * HOUR - 1,), None, "", {"tooNewLogEventStartIndex": 0}),
    ((0, -2 * HOUR, -2 * HOUR - 1, -3 * HOUR), None, "01", {"tooNewLogEventStartIndex": 2}),
    ((3 * DAY,), 3, "0", {}),
    ((3 * DAY + 1, 3 * DAY), 3, "1", {"expiredLogEventEndIndex": 1}),
    ((3 * DAY,), 30, "0", {}),
    ((14 * DAY + 2, 14 * DAY + 1), 1, "", {"tooOldLogEventEndIndex": 2, "expiredLogEventEndIndex": 2}),
    # A retention longer than two weeks does not let older events in.
    ((15 * DAY,), 30, "", {"tooOldLogEventEndIndex": 1}),
    ((DAY + HOUR, 3 * HOUR), 1, "1", {"expiredLogEventEndIndex": 1}),
    ((22 * HOUR, -2 * HOUR), None, "01", {}),  # 24 hours, to the millisecond
]


@pytest.mark.parametrize(("ages_ms", "retention_days", "taken", "rejected"), BATCHES)
def test_what_is_taken(
    ages_ms: tuple[int, ...], retention_days: int | None, taken: str, rejected: dict[str, int]
) -> None:
    events, told = accept(batch(*ages_ms), NOW, retention_days)
    assert "".join(message for _, message in events) == taken
    assert told == rejected


@pytest.mark.parametrize(
    ("events", "text"),
    [
        (batch(0, 1), "must be in chronological order"),
        (batch(DAY + 1, 0), "cannot span more than 24 hours"),
        # Refused as a whole, also for events that would be rejected one by one.
        (batch(20 * DAY, 0), "cannot span more than 24 hours"),
        ([{"timestamp": NOW, "message": "x" * (1_048_576 - 25)}], "Upload too large: 1048577 bytes exceeds"),
        ([{"timestamp": NOW, "message": "é" * 524_276}], "Upload too large"),  # two bytes each
    ],
)
def test_what_is_refused_as_a_whole(events: list[dict[str, object]], text: str) -> None:
    with pytest.raises(InvalidParameterException, match=text):
        accept(events, NOW, None)


@pytest.mark.parametrize("message", ["x" * (1_048_576 - 26), "é" * 524_275])
def test_the_largest_batch(message: str) -> None:
    assert accept([{"timestamp": NOW, "message": message}], NOW, None) == ([(NOW, message)], {})
