"""RequestSpotInstances, DescribeSpotInstanceRequests, CancelSpotInstanceRequests.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestSpotInstances.html
and its neighbours.
Sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request
from sagehen.domain.access import Access
from sagehen.services.ec2.errors import (
    IdempotentParameterMismatch,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.instances.launch.admission import image_id, order, profile_of
from sagehen.services.ec2.instances.launch.request import merged
from sagehen.services.ec2.instances.launch.running import used
from sagehen.services.ec2.instances.launch.transaction import specification
from sagehen.services.ec2.instances.limits import type_named
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.instances.spot.fulfilment import Fulfilment
from sagehen.services.ec2.launch_templates.data import storable
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import Owner, creation, on, tagging
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import SPOT_REQUEST
from sagehen.services.ec2.resources.listing import asked_for, listed
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.tokens import print_of
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.spot import requests as spot
from sagehen.services.ec2.tags.rules import given

_MOST_AT_ONCE = 50
_NOT_BUILT = ("LaunchGroup", "AvailabilityZoneGroup", "BlockDurationMinutes")
_OF_LAUNCHES = ("AddressingType", "EbsOptimized", "KernelId", "RamdiskId")
_LAUNCH = "LaunchSpecification."
_FILTERS = {
    "create-time": "CreateTime",
    "fault-code": "Fault.Code",
    "fault-message": "Fault.Message",
    "instance-id": "InstanceId",
    "launch.block-device-mapping.delete-on-termination": (
        f"{_LAUNCH}BlockDeviceMappings.Ebs.DeleteOnTermination"
    ),
    "launch.block-device-mapping.device-name": f"{_LAUNCH}BlockDeviceMappings.DeviceName",
    "launch.block-device-mapping.snapshot-id": f"{_LAUNCH}BlockDeviceMappings.Ebs.SnapshotId",
    "launch.block-device-mapping.volume-size": f"{_LAUNCH}BlockDeviceMappings.Ebs.VolumeSize",
    "launch.block-device-mapping.volume-type": f"{_LAUNCH}BlockDeviceMappings.Ebs.VolumeType",
    "launch.group-id": f"{_LAUNCH}SecurityGroups.GroupId",
    "launch.group-name": f"{_LAUNCH}SecurityGroups.GroupName",
    "launch.image-id": f"{_LAUNCH}ImageId",
    "launch.instance-type": f"{_LAUNCH}InstanceType",
    "launch.key-name": f"{_LAUNCH}KeyName",
    "launch.monitoring-enabled": f"{_LAUNCH}Monitoring.Enabled",
    "launched-availability-zone": "LaunchedAvailabilityZone",
    "launched-availability-zone-id": "LaunchedAvailabilityZoneId",
    "network-interface.delete-on-termination": f"{_LAUNCH}NetworkInterfaces.DeleteOnTermination",
    "network-interface.description": f"{_LAUNCH}NetworkInterfaces.Description",
    "network-interface.device-index": f"{_LAUNCH}NetworkInterfaces.DeviceIndex",
    "network-interface.group-id": f"{_LAUNCH}NetworkInterfaces.Groups",
    "network-interface.network-interface-id": f"{_LAUNCH}NetworkInterfaces.NetworkInterfaceId",
    "network-interface.private-ip-address": f"{_LAUNCH}NetworkInterfaces.PrivateIpAddress",
    "network-interface.subnet-id": f"{_LAUNCH}NetworkInterfaces.SubnetId",
    "product-description": "ProductDescription",
    "spot-instance-request-id": "SpotInstanceRequestId",
    "spot-price": "SpotPrice",
    "state": "State",
    "status-code": "Status.Code",
    "status-message": "Status.Message",
    "type": "Type",
    "valid-from": "ValidFrom",
    "valid-until": "ValidUntil",
}


def _access(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the request, and for what its machine is made of."""
    yield creation(context, request, SPOT_REQUEST)
    wanted: Body = request.get("LaunchSpecification") or {}
    yield from used(owner.state, context.scope, "ec2:RequestSpotInstances", wanted)
    yield from tagging(context, request)


class SpotRequests:
    """Spot requests.

    Args:
        parts: What operations on instances share.
        fulfilment: Starts their machines.
    """

    def __init__(self, parts: Parts, fulfilment: Fulfilment) -> None:
        self.state = parts.state
        self._parts = parts
        self._fulfilment = fulfilment

    @action("RequestSpotInstances", access=_access)
    async def request_spot_instances(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Ask for machines, each by a request of its own; those that cannot be had now are waited for.

        Raises:
            Ec2Error: `….NotFound`, `MaxSpotInstanceCountExceeded`, and what else speaks against a machine.
            InvalidParameterValue, InvalidParameterCombination, MissingParameter, TagLimitExceeded,
            IdempotentParameterMismatch.
            AccessDenied: The profile's role may not be passed.
            NotImplementedOperation: Groups of requests, interruption behaviors but `terminate`.
        """
        needs, scope, now = self._parts.needed(), context.scope, self._parts.clock.now()
        refuse_unbuilt(request, _NOT_BUILT)
        if request.get("InstanceInterruptionBehavior") not in (None, "terminate"):
            raise NotImplementedOperation("Sagehen does not implement InstanceInterruptionBehavior of EC2.")
        type_, count = request.get("Type") or "one-time", request.get("InstanceCount")
        count = 1 if count is None else count
        if type_ not in ("one-time", "persistent"):
            raise InvalidParameterValue(f"Value ({type_[:64]}) for parameter type is invalid.")
        if not 1 <= count <= _MOST_AT_ONCE:
            raise InvalidParameterValue(f"Value ({count}) for parameter instanceCount is invalid.")
        asked = _asked(request)
        merged(self.state.view(scope), asked)
        profile = profile_of(asked, context, needs)
        image = image_id(asked["ImageId"], scope, needs)
        times = _times(request, now)
        tags = given(request, SPOT_REQUEST)
        token = request.get("ClientToken") or ""
        token_print = print_of(request)

        def work(view: View) -> list[Resource]:
            if before := _repeated(view, token, token_print):
                return before
            # Whether its price is enough is a matter of each evaluation.
            wanted = order(view, {**asked, "InstanceMarketOptions": {}}, image, profile)
            shown = specification(view, asked, wanted.subnet.id, wanted.subnet.parent)
            return [
                spot.new_request(
                    view,
                    specification={**shown, "ImageId": image},
                    kind=type_named(wanted.instance_type),
                    price=request.get("SpotPrice"),
                    type_=type_,
                    now=now,
                    tags=dict(tags),
                    more={
                        **times,
                        "asked": storable(asked),
                        "image": image,
                        "profileName": profile.name if profile else "",
                        "token": token,
                        "tokenPrint": token_print,
                    },
                )
                for _ in range(count)
            ]

        made = await self.state.change(scope, request, work)
        self._fulfilment.poke()
        return {"SpotInstanceRequests": [row.shown() for row in made]}

    @action("DescribeSpotInstanceRequests")
    async def describe_spot_instance_requests(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of requests.

        Raises:
            Ec2Error: `InvalidSpotInstanceRequestID.NotFound`, `InvalidSpotInstanceRequestID.Malformed`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken, FilterLimitExceeded.
        """
        return await self.state.read(
            context.scope,
            lambda view: listed(
                *(view, request, SPOT_REQUEST),
                answer="SpotInstanceRequests",
                ids="SpotInstanceRequestIds",
                filters=_FILTERS,
            ),
        )

    @action("CancelSpotInstanceRequests", access=on("SpotInstanceRequestIds"))
    async def cancel_spot_instance_requests(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Take requests back; machines that run go on.

        Raises:
            Ec2Error: `InvalidSpotInstanceRequestID.NotFound`. MissingParameter.
        """
        if not request.get("SpotInstanceRequestIds"):
            raise MissingParameter("spotInstanceRequestId")
        now = self._parts.clock.now()

        def work(view: View) -> list[dict[str, str]]:
            found = asked_for(view, SPOT_REQUEST, request["SpotInstanceRequestIds"])
            for row in found:
                spot.cancelled(view, row, now)
            return [{"SpotInstanceRequestId": row.id, "State": row.body["State"]} for row in found]

        return {"CancelledSpotInstanceRequests": await self.state.change(context.scope, request, work)}


def _asked(request: Request) -> Body:
    """Return what RunInstances would be asked for.

    Raises:
        MissingParameter. NotImplementedOperation: What of it is not built.
    """
    wanted: Body = request.get("LaunchSpecification") or {}
    if not wanted:
        raise MissingParameter("launchSpecification")
    refuse_unbuilt(wanted, _OF_LAUNCHES)
    price = request.get("SpotPrice")
    return {
        **{name: value for name, value in wanted.items() if value is not None},
        "MinCount": 1,
        "MaxCount": 1,
        "InstanceMarketOptions": {
            "MarketType": "spot",
            "SpotOptions": {} if price is None else {"MaxPrice": price},
        },
    }


def _times(request: Request, now: datetime) -> Body:
    """Return from when to when a request is valid.

    Raises:
        InvalidParameterValue: It begins or ends in the past, or ends before it begins.
    """
    begin, end = request.get("ValidFrom"), request.get("ValidUntil")
    for name, at in (("validFrom", begin), ("validUntil", end)):
        if at is not None and at <= now:
            raise InvalidParameterValue(f"The {name} date is not in the future.")
    if begin is not None and end is not None and end <= begin:
        raise InvalidParameterValue("The validUntil date is not after the validFrom date.")
    end = end or (begin or now) + spot.VALID_FOR
    times = {"ValidUntil": stamp(end.astimezone(UTC))}
    return times if begin is None else {**times, "ValidFrom": stamp(begin.astimezone(UTC))}


def _repeated(view: View, token: str, token_print: str) -> list[Resource]:
    """Return what the same request made before.

    Raises:
        IdempotentParameterMismatch
    """
    found = [row for row in view.all(SPOT_REQUEST) if token and row.body.get("token") == token]
    if found and found[0].body["tokenPrint"] != token_print:
        raise IdempotentParameterMismatch(
            "Arguments on this idempotent request are inconsistent with arguments used in previous "
            "request(s)."
        )
    return found
