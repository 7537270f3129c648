"""Schedule expressions: forms, time zones, and when they are next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sagehen.services.application_autoscaling.errors import ValidationException
from sagehen.services.application_autoscaling.scheduled.expression import parsed

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)  # a Saturday; clocks in Europe go forward the night after


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("at(2026-03-28T12:00:01)", None, at("2026-03-28T12:00:01")),
        ("at(2026-03-28T12:00:00)", None, None),  # not later
        ("at(2026-03-28T9:36:00)", "America/New_York", at("2026-03-28T13:36:00")),
        ("rate(1 minute)", None, at("2026-03-28T12:01:00")),
        ("rate(5 minutes)", None, at("2026-03-28T12:05:00")),
        ("rate(2 days)", None, at("2026-03-30T12:00:00")),
        ("cron(0 10 * * ? *)", None, at("2026-03-29T10:00:00")),
        ("cron(15 12 * * ? *)", None, at("2026-03-28T12:15:00")),
        ("cron(0 18 ? * MON-FRI *)", None, at("2026-03-30T18:00:00")),
        ("cron(0 18 ? * 2-6 *)", None, at("2026-03-30T18:00:00")),  # AWS's Sunday is 1
        ("cron(0 18 ? * 1 *)", None, at("2026-03-29T18:00:00")),
        ("cron(0 8 1 * ? *)", None, at("2026-04-01T08:00:00")),
        ("cron(0/10 * ? * * *)", None, at("2026-03-28T12:10:00")),
        ("cron(0 0 L * ? *)", None, at("2026-03-31T00:00:00")),
        ("cron(0 9 ? * 6#1 *)", None, at("2026-04-03T09:00:00")),  # the first Friday
        ("cron(0 9 ? * 6L *)", None, at("2026-04-24T09:00:00")),  # the last one
        ("cron(0 9 ? * 1,7 *)", None, at("2026-03-29T09:00:00")),
        ("rate(999999999 days)", None, None),
        ("cron(0 9 * * ? *)", "Europe/Berlin", at("2026-03-29T07:00:00")),  # summer time by then
        ("cron(0 0 1 1 ? 2020)", None, None),
    ],
)
def test_when_it_is_next(expression: str, zone: str | None, expected: datetime | None) -> None:
    assert parsed(expression, zone).after(NOON, NOON) == expected


def test_rates_are_counted_from_the_begin() -> None:
    schedule = parsed("rate(1 hour)", None)
    assert schedule.after(NOON + timedelta(minutes=61), NOON) == NOON + timedelta(hours=2)
    assert schedule.after(NOON - timedelta(minutes=1), NOON) == NOON


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "at()",
        "at(2026-02-30T00:00:00)",
        "at(0001-01-01T00:00:00)",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(5 weeks)",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(61 10 * * ? *)",
        "cron(0 10 * * ? * *)",
        "every day",
    ],
)
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(ValidationException):
        schedule = parsed(expression, "Europe/Berlin")
        assert schedule.after(NOON, NOON) is not None


@pytest.mark.parametrize("zone", ["Nowhere/Town", "../../etc/passwd", "/etc/localtime", "", "Europe"])
def test_what_is_no_time_zone(zone: str) -> None:
    if zone:
        with pytest.raises(ValidationException):
            parsed("rate(1 hour)", zone)
    else:
        parsed("rate(1 hour)", zone)
