"""The operator's acts on machines.

`sagehen interrupt i-…` takes a Spot machine back, as AWS does when it needs the capacity; `sagehen cost` asks
what machines and volumes cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.instances.life import bill, states
from sagehen.services.ec2.instances.life.interruption import announce
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.resources.kinds import INSTANCE, VOLUME
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.spot import requests as spot
from sagehen.services.ec2.volumes import bill as volume_bill


class InstanceActs:
    """The operator's acts on machines; see `domain.ports.operator_acts`.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def interrupt(self, scope: Scope, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Tell a Spot machine that it ends in two minutes.

        Args:
            request: `InstanceId`.

        Returns:
            `Time`: when, ISO 8601.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `IncorrectInstanceState`, `UnsupportedOperation`: it is
                no Spot machine.
        """
        identifier = request.get("InstanceId")

        def work(view: View) -> str:
            row = view.get(INSTANCE, identifier if isinstance(identifier, str) else "")
            if not row.body.get("InstanceLifecycle"):
                raise Ec2Error("UnsupportedOperation", f"The instance '{row.id}' is not a Spot Instance.")
            if states.name_of(row.body) != "running":
                raise Ec2Error(
                    "IncorrectInstanceState", f"The instance '{row.id}' is not in the 'running' state."
                )
            announce(row.body, self._parts.clock.now())
            view.save(row)
            spot.marked(view, row, self._parts.clock.now())
            return str(row.body["spotAction"])

        at = await self._parts.state.change(scope, {}, work)
        self._parts.watch(scope, str(identifier))
        return {"InstanceId": identifier, "Time": at}

    async def costs(self, scope: Scope, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what machines and volumes of a region have cost, at list prices.

        Returns:
            `Costs`: for each its id, type, state, USD per hour as it is now (None: nobody knows), the hours
            that are paid for, and USD.
        """
        now = self._parts.clock.now()
        view = self._parts.state.view(scope)
        machines = [_machine(now, row) for row in view.all(INSTANCE)]
        return {"Costs": machines + [_volume(now, row) for row in view.all(VOLUME)]}


def _machine(now: datetime, row: Resource) -> dict[str, Any]:
    runs = states.name_of(row.body) == "running"
    if runs:
        bill.go_on(row.body, now)  # of this reading; it is not stored
    seconds, usd = bill.spent(row.body)
    price = bill.usd_per_hour(row.body)
    return {
        "Id": row.id,
        "Type": row.body["InstanceType"],
        "State": states.name_of(row.body),
        "UsdPerHour": price if runs or price is None else 0.0,
        "Hours": seconds / 3600,
        "Usd": None if price is None else usd,
    }


def _volume(now: datetime, row: Resource) -> dict[str, Any]:
    kept = now - datetime.fromisoformat(row.body["CreateTime"])
    return {
        "Id": row.id,
        "Type": f"{row.body['Size']} GB {row.body['VolumeType']}",
        "State": row.body["State"],
        "UsdPerHour": volume_bill.usd_per_month(row.body) / 730,
        "Hours": kept.total_seconds() / 3600,
        "Usd": volume_bill.spent(row.body, now),
    }
