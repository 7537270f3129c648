"""launched: what is asked for, made within one transaction: for RunInstances, and for Spot requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sagehen.domain.ports.identity.instance_profiles import InstanceProfile
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.instances.launch.admission import order
from sagehen.services.ec2.instances.launch.making import new_instances
from sagehen.services.ec2.instances.launch.request import tags_for
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.limits import type_named
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.network.security_groups.groups import default_group
from sagehen.services.ec2.resources.kinds import INSTANCE, SECURITY_GROUP, SPOT_REQUEST
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.spot import requests as spot
from sagehen.services.ec2.tags.rules import checked

# Ours, of an account in a region: each is a sandbox of this machine.
MOST_INSTANCES = 50
_SHOWN = ("ImageId", "KeyName", "IamInstanceProfile", "BlockDeviceMappings", "NetworkInterfaces", "UserData")


def launched(
    parts: Parts,
    view: View,
    asked: Body,
    image: str,
    profile: InstanceProfile | None,
    now: datetime,
    token_print: str = "",
) -> list[Resource]:
    """Make the rows of as many instances as may be, MinCount at least.

    Args:
        asked: As `request.merged` made it.
        image: The image's id.
        token_print: Of the request, for its client token.

    Raises:
        Ec2Error: What `order` and `new_instances` raise; `InsufficientInstanceCapacity`,
            `InstanceLimitExceeded`.
    """
    wanted = order(view, asked, image, profile)
    count = _count(view, asked, wanted.instance_type, parts.needed().supply.limit(wanted.instance_type))
    parts.require_capacity(wanted.instance_type, wanted.subnet.body["AvailabilityZone"], count)
    return new_instances(view, asked, wanted, count, now, token_print)


def with_spot_requests(view: View, asked: Body, made: list[Resource], now: datetime) -> None:
    """Write down the Spot request that each of these instances fulfils; those of the market alone have one.

    Raises:
        Ec2Error: `MaxSpotInstanceCountExceeded`.
    """
    for instance in made:
        if instance.body.get("InstanceLifecycle") and not instance.body.get("SpotInstanceRequestId"):
            options = asked["InstanceMarketOptions"].get("SpotOptions") or {}
            request = spot.new_request(
                view,
                specification=specification(view, asked, instance.body["SubnetId"], instance.body["VpcId"]),
                kind=type_named(instance.body["InstanceType"]),
                price=options.get("MaxPrice"),
                type_="one-time",
                now=now,
                tags=checked(tags_for(asked, SPOT_REQUEST.name)),
                more={},
            )
            spot.fulfilled(view, request, instance, now)


def specification(view: View, asked: Body, subnet_id: str, vpc_id: str) -> Body:
    """Return what a Spot request shows of what it asks for."""
    groups = [view.get(SECURITY_GROUP, group) for group in asked.get("SecurityGroupIds") or ()]
    if not groups and not asked.get("NetworkInterfaces"):
        groups = [default_group(view, vpc_id)]
    shown: dict[str, Any] = {name: asked[name] for name in _SHOWN if asked.get(name)}
    return {
        **shown,
        "InstanceType": asked.get("InstanceType") or "m1.small",
        "Monitoring": {"Enabled": bool((asked.get("Monitoring") or {}).get("Enabled"))},
        "Placement": {
            **{name: value for name, value in (asked.get("Placement") or {}).items() if value},
            "Tenancy": "default",
        },
        "SecurityGroups": [{"GroupId": row.id, "GroupName": row.body["GroupName"]} for row in groups],
        **({} if asked.get("NetworkInterfaces") else {"SubnetId": subnet_id}),
    }


def _count(view: View, asked: Body, instance_type: str, most_of_type: int | None) -> int:
    """Return how many are made: as many as may be, MinCount at least.

    Raises:
        Ec2Error: `InstanceLimitExceeded`.
    """
    live = [row.body for row in view.all(INSTANCE) if states.name_of(row.body) in states.LIVE]
    room, limit = MOST_INSTANCES - len(live), MOST_INSTANCES
    if most_of_type is not None:
        used = sum(body["InstanceType"] == instance_type for body in live)
        if most_of_type - used < room:
            room, limit = most_of_type - used, most_of_type
    if room < asked["MinCount"]:
        raise limit_exceeded(asked["MinCount"] + limit - room, limit)
    return int(min(asked["MaxCount"], room))


def limit_exceeded(requested: int, limit: int) -> Exception:
    """Return AWS's answer to who asks for more machines than the account may have."""
    return Ec2Error(
        "InstanceLimitExceeded",
        f"You have requested more instances ({requested}) than your current instance limit of {limit} allows "
        "for the specified instance type. Please visit http://aws.amazon.com/contact-us/ec2-request to "
        "request an adjustment to this limit.",
    )
