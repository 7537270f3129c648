"""Bills: domain.ports.compute.ec2_bills.Ec2Bills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.ec2_bills import MachineBill, VolumeBill
from sagehen.domain.scope import Scope
from sagehen.services.ec2.instances.life import bill as machine_bill
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.resources.kinds import INSTANCE, VOLUME
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.volumes import bill as volume_bill


class Bills:
    """What machines and volumes cost.

    Args:
        state: Where they are.
        clock: The platform's.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def scopes(self) -> Sequence[Scope]:
        """Return the accounts' regions that have any."""
        return self._state.scopes()

    async def machines(self, scope: Scope) -> Sequence[MachineBill]:
        """Return the bills of all instances that are shown."""
        now = self._clock.now()
        return await self._state.read(scope, lambda view: [_machine(row, now) for row in view.all(INSTANCE)])

    async def volumes(self, scope: Scope) -> Sequence[VolumeBill]:
        """Return the bills of all volumes."""
        now = self._clock.now()
        return await self._state.read(scope, lambda view: [_volume(row, now) for row in view.all(VOLUME)])


def _machine(row: Resource, now: datetime) -> MachineBill:
    runs = states.name_of(row.body) == "running"
    if runs:
        machine_bill.go_on(row.body, now)  # of this reading; it is not stored
    price = machine_bill.usd_per_hour(row.body)
    return MachineBill(
        id=row.id,
        type=row.body["InstanceType"],
        spot=row.body.get("InstanceLifecycle") == "spot",
        runs=runs,
        since=datetime.fromisoformat(row.body["LaunchTime"]),
        usd_per_hour=price if runs or price is None else 0.0,
        usd_this_month=None if price is None else machine_bill.usd_this_month(row.body, now),
    )


def _volume(row: Resource, now: datetime) -> VolumeBill:
    return VolumeBill(
        id=row.id,
        type=row.body["VolumeType"],
        size_gib=row.body["Size"],
        is_attached=bool(row.body["Attachments"]),
        since=datetime.fromisoformat(row.body["CreateTime"]),
        usd_per_hour=volume_bill.usd_per_hour(row.body),
        usd_this_month=volume_bill.usd_this_month(row.body, now),
    )
