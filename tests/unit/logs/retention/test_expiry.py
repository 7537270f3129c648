"""What is past its retention goes, with all that was of deleted groups and streams."""

from __future__ import annotations

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.logs.errors import (
    InvalidParameterException,
)
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database
from tests.unit.logs.calls import GROUP, NAMES, make_stream, now_ms, put
from tests.unit.logs.conftest import Call


async def test_retention_really_expires(logs: LogsService, call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    await put(call, (now_ms(clock), "old"))
    await clock.advance(2 * 86_400)
    await put(call, (now_ms(clock), "young"))
    with pytest.raises(InvalidParameterException):
        await call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=2)
    await call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=1)
    await logs.expiry.sweep()
    page = await call("GetLogEvents", **NAMES)
    assert [event["message"] for event in page["events"]] == ["young"]
    [group] = (await call("DescribeLogGroups"))["logGroups"]
    assert (group["retentionInDays"], group["storedBytes"]) == (1, len("young") + 26)
    await call("DeleteRetentionPolicy", logGroupName=GROUP)
    assert "retentionInDays" not in {
        key for key, value in (await call("DescribeLogGroups"))["logGroups"][0].items() if value is not None
    }


async def test_events_of_a_deleted_group_are_swept(
    logs: LogsService, call: Call, clock: ManualClock, database: Database
) -> None:
    await make_stream(call)
    await put(call, (now_ms(clock), "x"))
    await call("DeleteLogGroup", logGroupName=GROUP)
    await make_stream(call)
    assert (await call("GetLogEvents", **NAMES))["events"] == []
    await logs.expiry.sweep()
    assert database.all("SELECT * FROM log_events") == []
    assert database.all("SELECT * FROM log_garbage") == []


# How many days old an event is, the retention of its group (None: for ever), and whether it is still there.
AGES = [
    (0.9, 1, True),
    (1.1, 1, False),
    (13.9, 14, True),
    (14.1, 14, False),
    (13.9, 3653, True),
    (3654, 3653, False),
    (10_000, None, True),
]


@pytest.mark.parametrize(("age_days", "retention_days", "there"), AGES)
async def test_what_expires(
    logs: LogsService,
    call: Call,
    clock: ManualClock,
    age_days: float,
    retention_days: int | None,
    there: bool,
) -> None:
    await make_stream(call)
    await put(call, (now_ms(clock), "x"))
    if retention_days is not None:
        await call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=retention_days)
    await clock.advance(age_days * 86_400)
    await logs.expiry.sweep()
    assert [event["message"] for event in (await call("GetLogEvents", **NAMES))["events"]] == ["x"] * there


@pytest.mark.parametrize("days", [0, 2, 4, 31, 364, 3654])
async def test_days_that_aws_does_not_offer(call: Call, days: int) -> None:
    await make_stream(call)
    with pytest.raises(InvalidParameterException, match="Member must satisfy enum value set"):
        await call("PutRetentionPolicy", logGroupName=GROUP, retentionInDays=days)
