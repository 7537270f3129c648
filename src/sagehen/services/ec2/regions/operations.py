"""DescribeRegions, DescribeAvailabilityZones, DescribeAccountAttributes."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.regions.table import REGIONS, Region, Zone, region
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import VPC
from sagehen.services.ec2.resources.state import State

_REGION_FILTERS = {"endpoint": "Endpoint", "opt-in-status": "OptInStatus", "region-name": "RegionName"}
_ZONE_FILTERS = {
    "group-name": "GroupName",
    "message": "Messages.Message",
    "opt-in-status": "OptInStatus",
    "parent-zone-id": "ParentZoneId",
    "parent-zone-name": "ParentZoneName",
    "region-name": "RegionName",
    "state": "State",
    "zone-id": "ZoneId",
    "zone-name": "ZoneName",
    "zone-type": "ZoneType",
}
# AWS's defaults (documented, EC2 and VPC quotas); max-instances says nothing any more.
_ATTRIBUTES = {
    "supported-platforms": ("VPC",),
    "default-vpc": (),
    "max-instances": ("20",),
    "vpc-max-security-groups-per-interface": ("5",),
    "max-elastic-ips": ("5",),
    "vpc-max-elastic-ips": ("5",),
}


class Regions:
    """What there is before anybody makes anything.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeRegions")
    async def describe_regions(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return the regions that are enabled; with AllRegions those that are not, too.

        Raises:
            InvalidParameterValue: A name that no region has, or a filter that is none.
        """
        names = request.get("RegionNames")
        for name in names or ():
            if name not in REGIONS and name != context.scope.region:
                raise InvalidParameterValue(f"Invalid region provided: {name}")
        chosen = [region(name) for name in names] if names else list(REGIONS.values())
        if not names and not request.get("AllRegions"):
            chosen = [item for item in chosen if not item.opt_in]
        return {
            "Regions": select([_region(item) for item in chosen], request.get("Filters"), _REGION_FILTERS)
        }

    @action("DescribeAvailabilityZones")
    async def describe_availability_zones(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return the zones of the request's region.

        Raises:
            InvalidParameterValue: A zone that the region does not have, or a filter that is none.
        """
        zones = region(context.scope.region).zones
        for member, known in (
            ("ZoneNames", {zone.name for zone in zones}),
            ("ZoneIds", {zone.id for zone in zones}),
        ):
            wanted = request.get(member) or ()
            for name in wanted:
                if name not in known:
                    raise InvalidParameterValue(f"Invalid availability zone: [{name}]")
            if wanted:
                zones = tuple(zone for zone in zones if zone.name in wanted or zone.id in wanted)
        shown = select([_zone(zone) for zone in zones], request.get("Filters"), _ZONE_FILTERS)
        return {"AvailabilityZones": shown}

    @action("DescribeAccountAttributes")
    async def describe_account_attributes(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return an account's attributes in this region; the quotas are AWS's defaults.

        Raises:
            Ec2Error: `InvalidParameterValue` for an attribute that is none.
        """
        vpcs = await self.state.read(context.scope, lambda view: view.all(VPC))
        default = next((vpc.id for vpc in vpcs if vpc.body["IsDefault"]), "none")
        values = {**_ATTRIBUTES, "default-vpc": (default,)}
        names = request.get("AttributeNames") or list(values)
        for name in names:
            if name not in values:
                raise Ec2Error("InvalidParameterValue", f"Invalid attribute name '{name}'")
        return {
            "AccountAttributes": [
                {"AttributeName": name, "AttributeValues": [{"AttributeValue": v} for v in values[name]]}
                for name in names
            ]
        }


def _region(item: Region) -> dict[str, Any]:
    return {
        "RegionName": item.name,
        "Endpoint": f"ec2.{item.name}.amazonaws.com",
        "OptInStatus": "not-opted-in" if item.opt_in else "opt-in-not-required",
    }


def _zone(zone: Zone) -> dict[str, Any]:
    return {
        "State": "available",
        "OptInStatus": "opt-in-not-required",
        "Messages": [],
        "RegionName": zone.region,
        "ZoneName": zone.name,
        "ZoneId": zone.id,
        "GroupName": f"{zone.region}-zg-1",
        "NetworkBorderGroup": zone.region,
        "ZoneType": "availability-zone",
    }
