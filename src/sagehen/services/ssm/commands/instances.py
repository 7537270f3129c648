"""DescribeInstanceInformation: the machines that take commands.

All that run do, whatever their instance profile says: as at AWS with Default Host Management Configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.machines import Machine, Machines
from sagehen.services.ssm.errors import (
    InvalidFilterKey,
    InvalidInstanceInformationFilterValue,
    InvalidNextToken,
)

_PAGE = 10


class ManagedInstances:
    """Machines as Systems Manager has them.

    Args:
        machines: What runs.
        clock: Says when they were last heard of: now.
    """

    def __init__(self, machines: Machines, clock: Clock) -> None:
        self._machines = machines
        self._clock = clock

    @operation("DescribeInstanceInformation")
    async def describe_instance_information(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Return a page of machines that take commands.

        Raises:
            InvalidFilterKey, InvalidInstanceInformationFilterValue, InvalidNextToken.
        """
        filters = [(each["Key"], each["Values"]) for each in request.get("Filters") or ()]
        older = [
            (each["key"], each["valueSet"]) for each in request.get("InstanceInformationFilterList") or ()
        ]
        if filters and older:
            raise InvalidInstanceInformationFilterValue(
                "Filters and InstanceInformationFilterList exclude one another."
            )
        found = self._machines.all(context.scope)
        for key, values in filters or older:
            found = [machine for machine in found if _matches(machine, key, values)]
        page = paginate(
            found,
            key=lambda machine: machine.instance_id,
            token=request.get("NextToken"),
            limit=request.get("MaxResults") or _PAGE,
            listing="instances",
            error=InvalidNextToken,
        )
        now = self._clock.now()
        return {
            "InstanceInformationList": [_shown(machine, now) for machine in page.items],
            "NextToken": page.next_token,
        }


def _matches(machine: Machine, key: str, values: Sequence[str]) -> bool:
    facts: Mapping[str, str] = {
        "InstanceIds": machine.instance_id,
        "PingStatus": "Online",
        "PlatformTypes": "Linux",
        "ResourceType": "EC2Instance",
        "IamRole": machine.role_name,
    }
    if key.startswith("tag:"):
        return machine.tags.get(key[4:], None) in values
    if key == "tag-key":
        return any(value in machine.tags for value in values)
    if key not in facts:
        raise InvalidFilterKey(f"Filter {key[:64]} is not here.")
    return facts[key] in values


def _shown(machine: Machine, now: datetime) -> dict[str, Any]:
    return {
        "InstanceId": machine.instance_id,
        "PingStatus": "Online",
        "LastPingDateTime": now,
        "PlatformType": "Linux",
        "PlatformName": machine.image_name,
        "ResourceType": "EC2Instance",
        "IPAddress": machine.private_ip,
        "ComputerName": machine.host_name,
        "SourceId": machine.instance_id,
        "SourceType": "AWS::EC2::Instance",
    }
