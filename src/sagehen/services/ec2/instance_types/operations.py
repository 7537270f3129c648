"""DescribeInstanceTypes, DescribeInstanceTypeOfferings, GetInstanceTypesFromInstanceRequirements,
DescribeSpotPriceHistory: all from the catalogue of instance types (`executors/hardware`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.domain.clock import Clock
from sagehen.executors.hardware.instance_types import InstanceType, all_types
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.instance_types.description import FILTERS, described
from sagehen.services.ec2.instance_types.families import family_of
from sagehen.services.ec2.instance_types.requirements import check, satisfies
from sagehen.services.ec2.instance_types.spot import spot_price
from sagehen.services.ec2.regions.table import region
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.listing import check_page, numbered, page
from sagehen.services.ec2.resources.resource import stamp
from sagehen.services.ec2.resources.state import State

# Documented: the most that DescribeInstanceTypes puts on a page.
_PAGE = 100
_PRODUCT = "Linux/UNIX"
_OFFERING_FILTERS = {"instance-type": "InstanceType", "location": "Location"}
_PRICE_FILTERS = {
    "availability-zone": "AvailabilityZone",
    "availability-zone-id": "AvailabilityZoneId",
    "instance-type": "InstanceType",
    "product-description": "ProductDescription",
    "spot-price": "SpotPrice",
}


@cache
def ec2_types() -> dict[str, InstanceType]:
    """Return the catalogue's types that are EC2's, by name."""
    return {kind.name: kind for kind in all_types() if not kind.name.startswith("ml.")}


class InstanceTypes:
    """Instance types.

    Args:
        state: Where resources are.
        clock: Says of when a price is.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self.state = state
        self._clock = clock

    @action("DescribeInstanceTypes")
    async def describe_instance_types(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of types, at most a hundred.

        Raises:
            Ec2Error: `InvalidInstanceType`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken.
        """
        check_page(request, "InstanceTypes", most=_PAGE)
        kinds = _named(request.get("InstanceTypes"))
        shown = select(numbered(map(described, kinds)), request.get("Filters"), FILTERS)
        limited = {**request, "MaxResults": request.get("MaxResults") or _PAGE}
        return page(shown, limited, "InstanceTypes", "instance-types")

    @action("DescribeInstanceTypeOfferings")
    async def describe_instance_type_offerings(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of offerings: every type is to be had everywhere.

        Raises:
            InvalidParameterValue, InvalidNextToken.
        """
        check_page(request)
        kind = request.get("LocationType") or "region"
        places = region(context.scope.region).zones
        locations = {
            "region": [context.scope.region],
            "availability-zone": [zone.name for zone in places],
            "availability-zone-id": [zone.id for zone in places],
        }.get(kind)
        if locations is None:
            raise InvalidParameterValue(f"Value ({kind}) for parameter locationType is invalid.")
        offered = numbered(
            {"InstanceType": name, "LocationType": kind, "Location": location}
            for name in ec2_types()
            for location in locations
        )
        shown = select(offered, request.get("Filters"), _OFFERING_FILTERS)
        return page(shown, request, "InstanceTypeOfferings", f"offerings/{kind}")

    @action("GetInstanceTypesFromInstanceRequirements")
    async def from_requirements(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of the types that satisfy requirements.

        Raises:
            InvalidParameterValue, InvalidNextToken.
            NotImplementedOperation: What the catalogue does not say of types.
        """
        check_page(request, fewest=1)
        requirements = request["InstanceRequirements"]
        check(requirements)
        found = [
            kind
            for kind in ec2_types().values()
            if family_of(kind.name).architecture in request["ArchitectureTypes"]
            and "hvm" in request["VirtualizationTypes"]
            and satisfies(kind, requirements)
        ]
        shown = numbered({"InstanceType": kind.name} for kind in found)
        return page(shown, request, "InstanceTypes", "requirements")

    @action("DescribeSpotPriceHistory")
    async def describe_spot_price_history(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of prices: one for each type and zone, which stands still (`spot.py`).

        Raises:
            Ec2Error: `InvalidInstanceType`.
            InvalidParameterValue, InvalidNextToken.
        """
        check_page(request, fewest=1)
        products = request.get("ProductDescriptions")
        zone_name, zone_id = request.get("AvailabilityZone"), request.get("AvailabilityZoneId")
        # Begun at midnight, so that it is in whatever is asked for until now.
        since = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        rows: list[dict[str, Any]] = []
        matching = not products or any(product.startswith(_PRODUCT) for product in products)
        end = request.get("EndTime")
        if matching and (end is None or end >= since):
            rows = [
                {
                    "AvailabilityZone": zone.name,
                    "AvailabilityZoneId": zone.id,
                    "InstanceType": kind.name,
                    "ProductDescription": _PRODUCT,
                    "SpotPrice": price,
                    "Timestamp": stamp(since),
                }
                for kind in _named(request.get("InstanceTypes"))
                if (price := spot_price(kind)) is not None
                for zone in region(context.scope.region).zones
                if (not zone_name or zone.name == zone_name) and (not zone_id or zone.id == zone_id)
            ]
        shown = select(numbered(rows), request.get("Filters"), _PRICE_FILTERS)
        return page(shown, request, "SpotPriceHistory", "spot-prices")


def _named(names: Sequence[str] | None) -> list[InstanceType]:
    """Return the types of these names, or all.

    Raises:
        Ec2Error: `InvalidInstanceType`.
    """
    known = ec2_types()
    if not names:
        return list(known.values())
    absent = [name for name in names if name not in known]
    if absent:
        raise Ec2Error(
            "InvalidInstanceType",
            f"The following supplied instance types do not exist: [{', '.join(absent)}]",
        )
    return [known[name] for name in dict.fromkeys(names)]
