"""What machines and volumes cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.services.ec2.instances.life import bill, states
from sagehen.services.ec2.volumes import bill as volume_bill

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def _ran(*seconds: float, **more: Any) -> dict[str, Any]:
    """Return an instance that ran so long, with an hour between."""
    body: dict[str, Any] = {"InstanceType": "t3.micro", "firstBoot": False, **more}
    now = NOON
    for each in seconds:
        states.begin(body, now)
        states.running(body, now)
        now += each * A_SECOND
        states.end(body, "stopping", now, states.USER)
        states.ended(body, now + A_SECOND)
        now += timedelta(hours=1)
    return body


@pytest.mark.parametrize(
    ("body", "seconds", "usd"),
    [
        (_ran(), 0, 0),
        (_ran(20, 3600), 3660, 0.010573),
        (_ran(3600, InstanceLifecycle="spot"), 3600, 0.00312),
        (_ran(3600, InstanceType="p9.unknown"), 3600, 0),
    ],
)
def test_seconds_while_it_runs_and_a_minute_at_least(
    body: dict[str, Any], seconds: float, usd: float
) -> None:
    assert bill.spent(body) == (seconds, pytest.approx(usd, abs=1e-6))


def test_what_a_killed_platform_last_saw_is_paid_for() -> None:
    body: dict[str, Any] = {"InstanceType": "t3.micro"}
    states.running(body, NOON)
    bill.go_on(body, NOON + 120 * A_SECOND)
    bill.end(body)  # at the next start, a day later
    states.recovered(body, NOON + timedelta(days=1))
    assert bill.spent(body)[0] == 120


@pytest.mark.parametrize(
    ("members", "usd"),
    [
        ({"VolumeType": "gp3", "Iops": 3000, "Throughput": 125}, 0.64),
        ({"VolumeType": "gp3", "Iops": 4000, "Throughput": 225}, 0.64 + 5 + 4),
        ({"VolumeType": "gp2", "Iops": 100}, 0.80),
        ({"VolumeType": "io2", "Iops": 100}, 1.0 + 6.5),
        ({"VolumeType": "standard"}, 0.40),
    ],
)
def test_a_volume_costs_its_size_and_what_it_has_beyond_its_type(members: dict[str, Any], usd: float) -> None:
    body = {"Size": 8, "CreateTime": "2026-11-29T12:00:00.000Z", **members}
    month_later = NOON + timedelta(hours=730)
    assert volume_bill.spent(body, month_later) == pytest.approx(usd)
    grown = volume_bill.change(body, {"Size": 16}, month_later)
    more = volume_bill.spent(grown, month_later + timedelta(hours=730)) - volume_bill.spent(body, month_later)
    assert more == pytest.approx(volume_bill.usd_per_month(grown))
