"""Routes: CreateRoute, ReplaceRoute, DeleteRoute.

Sentences of refusals are from memory.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.network.blocks import destination
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import INTERNET_GATEWAY, NETWORK_INTERFACE, ROUTE_TABLE
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View

# Documented: AWS's quota for a table, as far as it is raised.
_MOST_ROUTES = 1000
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
_TARGETS = ("GatewayId", "NetworkInterfaceId")
_TARGETS_NOT_BUILT = (
    *("InstanceId", "NatGatewayId", "TransitGatewayId", "LocalGatewayId", "VpcPeeringConnectionId"),
    *("VpcEndpointId", "EgressOnlyInternetGatewayId", "CarrierGatewayId", "CoreNetworkArn", "OdbNetworkArn"),
)


class Routes:
    """The ways in route tables.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateRoute", access=on("RouteTableId"))
    async def create_route(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Add a way to a table.

        Raises:
            Ec2Error: `….NotFound`, `RouteAlreadyExists`, `RouteLimitExceeded`.
            MissingParameter, InvalidParameterValue, InvalidParameterCombination.
            NotImplementedOperation: To anything but an internet gateway or a network interface.
        """
        where = _destination(request)
        target = _target(request)

        def work(view: View) -> None:
            table = view.get(ROUTE_TABLE, request["RouteTableId"])
            if _index(table, where) is not None:
                raise Ec2Error(
                    "RouteAlreadyExists", f"The route identified by {_text(where)} already exists."
                )
            if len(table.body["Routes"]) >= _MOST_ROUTES:
                raise Ec2Error("RouteLimitExceeded", "The maximum number of routes has been reached.")
            _check_target(view, table, target)
            table.body["Routes"].append({**where, **target, "Origin": "CreateRoute", "State": "active"})
            view.save(table)

        await self.state.change(context.scope, request, work)
        return {"Return": True}

    @action("ReplaceRoute", access=on("RouteTableId"))
    async def replace_route(self, context: RequestContext, request: Request) -> None:
        """Let a way of a table lead elsewhere.

        Raises:
            Ec2Error: `….NotFound`.
            MissingParameter, InvalidParameterValue, InvalidParameterCombination.
            NotImplementedOperation: As CreateRoute.
        """
        where = _destination(request)
        target = {"GatewayId": "local"} if request.get("LocalTarget") else _target(request)

        def work(view: View) -> None:
            table = view.get(ROUTE_TABLE, request["RouteTableId"])
            at = _index(table, where)
            if at is None:
                raise InvalidParameterValue(
                    f"There is no route defined for '{_text(where)}' in the route table. Use CreateRoute "
                    "instead."
                )
            _check_target(view, table, target)
            origin = table.body["Routes"][at]["Origin"]
            table.body["Routes"][at] = {**where, **target, "Origin": origin, "State": "active"}
            view.save(table)

        await self.state.change(context.scope, request, work)

    @action("DeleteRoute", access=on("RouteTableId"))
    async def delete_route(self, context: RequestContext, request: Request) -> None:
        """Remove a way from a table.

        Raises:
            Ec2Error: `InvalidRouteTableID.NotFound`, `InvalidRoute.NotFound`.
            MissingParameter, InvalidParameterValue: The way inside the VPC stays.
        """
        where = _destination(request)

        def work(view: View) -> None:
            table = view.get(ROUTE_TABLE, request["RouteTableId"])
            at = _index(table, where)
            if at is None:
                raise Ec2Error(
                    "InvalidRoute.NotFound",
                    f"no route with destination-cidr-block {_text(where)} in route table {table.id}",
                )
            if table.body["Routes"][at]["Origin"] == "CreateRouteTable":
                raise InvalidParameterValue(
                    f"cannot remove local route {_text(where)} in route table {table.id}"
                )
            del table.body["Routes"][at]
            view.save(table)

        await self.state.change(context.scope, request, work)


def _destination(request: Request) -> dict[str, str]:
    if request.get("DestinationPrefixListId"):
        raise NotImplementedOperation("Sagehen does not implement prefix lists of EC2.")
    named = [member for member in _DESTINATIONS if request.get(member)]
    if not named:
        raise MissingParameter("destinationCidrBlock")
    if len(named) > 1:
        raise InvalidParameterCombination("Only one destination can be specified.")
    return {named[0]: destination(request[named[0]], named[0][0].lower() + named[0][1:])}


def _target(request: Request) -> dict[str, str]:
    for member in _TARGETS_NOT_BUILT:
        if request.get(member):
            raise NotImplementedOperation(f"Sagehen does not implement routes to {member} of EC2.")
    named = [member for member in _TARGETS if request.get(member)]
    if len(named) != 1:
        raise InvalidParameterCombination("Exactly one target of the route must be specified.")
    return {named[0]: request[named[0]]}


def _check_target(view: View, table: Resource, target: dict[str, str]) -> None:
    if gateway_id := target.get("GatewayId"):
        if gateway_id == "local":
            return
        gateway = view.find(INTERNET_GATEWAY, gateway_id)
        if gateway is None:
            raise Ec2Error("InvalidGatewayID.NotFound", f"The gateway ID '{gateway_id}' does not exist")
        if gateway.parent != table.parent:
            raise InvalidParameterValue(
                f"route table {table.id} and network gateway {gateway.id} belong to different networks"
            )
        return
    interface = view.get(NETWORK_INTERFACE, target["NetworkInterfaceId"])
    if interface.body["VpcId"] != table.parent:
        raise InvalidParameterValue(
            f"route table {table.id} and interface {interface.id} belong to different networks"
        )


def _index(table: Resource, where: dict[str, str]) -> int | None:
    [(member, text)] = where.items()
    for at, route in enumerate(table.body["Routes"]):
        if route.get(member) == text:
            return at
    return None


def _text(where: dict[str, str]) -> str:
    return next(iter(where.values()))
