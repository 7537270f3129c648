"""Internet gateways.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html and its
neighbours. Sentences of refusals are from memory.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import DependencyViolation, Ec2Error, InvalidParameterValue
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import ADDRESS, INTERNET_GATEWAY, NETWORK_INTERFACE, VPC
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

MOST_GATEWAYS = 100
_FILTERS = {
    "attachment.state": "Attachments.State",
    "attachment.vpc-id": "Attachments.VpcId",
    "internet-gateway-id": "InternetGatewayId",
    "owner-id": "OwnerId",
}


def new_gateway(view: View, vpc_id: str = "", tags: dict[str, str] | None = None) -> Resource:
    """Make a gateway, attached where a VPC is named."""
    attachments = [{"State": "available", "VpcId": vpc_id}] if vpc_id else []
    body: Body = {"Attachments": attachments, "OwnerId": view.scope.account_id}
    return view.new(INTERNET_GATEWAY, body, tags=tags, parent=vpc_id, id_member="InternetGatewayId")


class InternetGateways:
    """Internet gateways, and to which VPC they are attached.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateInternetGateway", access=on(creates=INTERNET_GATEWAY))
    async def create_internet_gateway(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a gateway that is attached to nothing.

        Raises:
            InvalidParameterValue, TagLimitExceeded.
            Ec2Error: `InternetGatewayLimitExceeded`.
        """
        tags = given(request, INTERNET_GATEWAY)

        def work(view: View) -> Resource:
            if view.count(INTERNET_GATEWAY) >= MOST_GATEWAYS:
                raise Ec2Error(
                    "InternetGatewayLimitExceeded",
                    "The maximum number of internet gateways has been reached.",
                )
            return new_gateway(view, tags=tags)

        return {"InternetGateway": (await self.state.change(context.scope, request, work)).shown()}

    @action("DescribeInternetGateways")
    async def describe_internet_gateways(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of gateways."""
        return await self.state.read(
            context.scope,
            lambda view: listed(
                view,
                request,
                INTERNET_GATEWAY,
                answer="InternetGateways",
                ids="InternetGatewayIds",
                filters=_FILTERS,
            ),
        )

    @action("AttachInternetGateway", access=on("InternetGatewayId", "VpcId"))
    async def attach_internet_gateway(self, context: RequestContext, request: Request) -> None:
        """Attach a gateway to a VPC that has none.

        Raises:
            Ec2Error: `….NotFound`, `Resource.AlreadyAssociated`.
            InvalidParameterValue: The VPC has another one.
        """

        def work(view: View) -> None:
            gateway = view.get(INTERNET_GATEWAY, request["InternetGatewayId"])
            vpc = view.get(VPC, request["VpcId"])
            if gateway.parent:
                raise Ec2Error(
                    "Resource.AlreadyAssociated",
                    f"resource {gateway.id} is already attached to network {gateway.parent}",
                )
            if view.count(INTERNET_GATEWAY, vpc.id):
                raise InvalidParameterValue(f"Network {vpc.id} already has an internet gateway attached")
            gateway.parent = vpc.id
            gateway.body["Attachments"] = [{"State": "available", "VpcId": vpc.id}]
            view.save(gateway)

        await self.state.change(context.scope, request, work)

    @action("DetachInternetGateway", access=on("InternetGatewayId", "VpcId"))
    async def detach_internet_gateway(self, context: RequestContext, request: Request) -> None:
        """Detach a gateway.

        Raises:
            Ec2Error: `….NotFound`, `Gateway.NotAttached`.
            DependencyViolation: Public addresses go through it.
        """

        def work(view: View) -> None:
            gateway = view.get(INTERNET_GATEWAY, request["InternetGatewayId"])
            vpc = view.get(VPC, request["VpcId"])
            if gateway.parent != vpc.id:
                raise Ec2Error(
                    "Gateway.NotAttached", f"resource {gateway.id} is not attached to network {vpc.id}"
                )
            if _has_public_addresses(view, vpc.id):
                raise DependencyViolation(
                    f"Network {vpc.id} has some mapped public address(es). Please unmap those public "
                    "address(es) before detaching the gateway."
                )
            gateway.parent, gateway.body["Attachments"] = "", []
            view.save(gateway)

        await self.state.change(context.scope, request, work)

    @action("DeleteInternetGateway", access=on("InternetGatewayId"))
    async def delete_internet_gateway(self, context: RequestContext, request: Request) -> None:
        """Delete a gateway that is attached to nothing.

        Raises:
            Ec2Error: `InvalidInternetGatewayID.NotFound`.
            DependencyViolation: It is attached.
        """

        def work(view: View) -> None:
            gateway = view.get(INTERNET_GATEWAY, request["InternetGatewayId"])
            if gateway.parent:
                raise DependencyViolation(
                    f"The internetGateway '{gateway.id}' has dependencies and cannot be deleted."
                )
            view.remove(gateway)

        await self.state.change(context.scope, request, work)


def _has_public_addresses(view: View, vpc_id: str) -> bool:
    mapped = {address.body.get("NetworkInterfaceId") for address in view.all(ADDRESS)}
    return any(
        interface.body["VpcId"] == vpc_id and interface.id in mapped
        for interface in view.all(NETWORK_INTERFACE)
    )
