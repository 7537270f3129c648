"""What machines and volumes cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.ec2 import paid_periods
from sagehen.services.ec2.instances.life import bill, states
from sagehen.services.ec2.volumes import bill as volume_bill
from tests.unit.ec2.conftest import SCOPE
from tests.unit.ec2.instances.conftest import MachineHouse

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
    ("body", "usd"),
    [
        (_ran(), 0),
        (_ran(20, 3600), 0.010573),
        (_ran(3600, InstanceLifecycle="spot"), 0.00312),
        (_ran(3600, InstanceType="p9.unknown"), 0),
    ],
)
def test_seconds_while_it_runs_and_a_minute_at_least(body: dict[str, Any], usd: float) -> None:
    assert bill.usd_this_month(body, NOON) == pytest.approx(usd, abs=1e-6)
    assert bill.usd_this_month(body, NOON + timedelta(days=2)) == 0  # in December


def test_what_a_killed_platform_last_saw_is_paid_for() -> None:
    body: dict[str, Any] = {"InstanceType": "t3.micro"}
    states.running(body, NOON)
    bill.go_on(body, NOON + 120 * A_SECOND)
    bill.end(body)  # at the next start, a day later
    states.recovered(body, NOON + timedelta(days=1))
    assert bill.usd_this_month(body, NOON) == pytest.approx(0.0104 / 30)


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
    body = {"Size": 8, "CreateTime": "2026-08-01T00:00:00.000Z", **members}
    hours_later = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(hours=730)
    assert volume_bill.usd_this_month(body, hours_later) == pytest.approx(usd)
    grown = volume_bill.change(body, {"Size": 16}, hours_later)
    more = volume_bill.usd_this_month(grown, hours_later + timedelta(hours=10)) - usd
    assert more == pytest.approx(10 * volume_bill.usd_per_hour(grown))


@pytest.mark.parametrize(
    ("since", "until", "seconds"),
    [
        ("2026-11-30T23:59:50", "2026-12-01T00:01:00", 60),
        ("2026-11-30T23:59:50", "2026-12-01T00:00:05", 50),  # a minute at least, ten seconds of it before
        ("2026-11-30T23:59:50", "2026-11-30T23:59:51", 60 + 7),
        ("2026-10-01T00:00:00", "2026-12-01T00:00:00", 0),
        ("2026-11-29T12:00:10", "2026-11-29T12:00:00", 60 + 7),  # the clock was set back
    ],
)
def test_only_what_is_of_the_month_is_in_its_bill(since: str, until: str, seconds: float) -> None:
    start, end = (datetime.fromisoformat(f"{each}+00:00") for each in (since, until))
    bill_before = {"month": "2026-11-01T00:00:00.000Z", "usd": 7.0}
    after = paid_periods.added(bill_before, 1.0, start, end)
    assert paid_periods.of_month(after, end) == seconds


async def test_bills_of_what_is_there(house: MachineHouse, clock: ManualClock) -> None:
    identifier, _ = await house.running()
    zone = (await house.instance(identifier))["Placement"]["AvailabilityZone"]
    made = await house.call("CreateVolume", AvailabilityZone=zone, Size=5)
    await clock.advance(3600)
    [machine] = await house.ec2.bills.machines(SCOPE)
    assert (machine.id, machine.type, machine.runs, machine.spot) == (identifier, "t3.micro", True, False)
    assert (machine.usd_per_hour, machine.usd_this_month) == (0.0104, pytest.approx(0.0104))
    root, volume = await house.ec2.bills.volumes(SCOPE)
    assert root.is_attached and not volume.is_attached
    assert (volume.id, volume.size_gib) == (made["VolumeId"], 5)
    assert volume.usd_this_month == pytest.approx(volume.usd_per_hour)
    await house.call("StopInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "stopped")
    [machine] = await house.ec2.bills.machines(SCOPE)
    assert (machine.runs, machine.usd_per_hour, machine.usd_this_month) == (
        *(False, 0.0),
        pytest.approx(0.0104, rel=0.01),
    )
