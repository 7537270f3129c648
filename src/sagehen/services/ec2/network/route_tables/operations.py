"""Route tables and their associations.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html and its
neighbours. Sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request
from sagehen.domain.access import Access
from sagehen.services.ec2.errors import (
    DependencyViolation,
    Ec2Error,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.network.route_tables.tables import associate, associated, new_table, shown
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import ROUTE_TABLE, SUBNET, VPC
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.tokens import once
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

# Documented: AWS's quota for a VPC.
_MOST_TABLES = 200
_FILTERS = {
    "association.gateway-id": "Associations.GatewayId",
    "association.main": "Associations.Main",
    "association.route-table-association-id": "Associations.RouteTableAssociationId",
    "association.route-table-id": "Associations.RouteTableId",
    "association.subnet-id": "Associations.SubnetId",
    "owner-id": "OwnerId",
    "route-table-id": "RouteTableId",
    "route.destination-cidr-block": "Routes.DestinationCidrBlock",
    "route.destination-ipv6-cidr-block": "Routes.DestinationIpv6CidrBlock",
    "route.gateway-id": "Routes.GatewayId",
    "route.nat-gateway-id": "Routes.NatGatewayId",
    "route.network-interface-id": "Routes.NetworkInterfaceId",
    "route.origin": "Routes.Origin",
    "route.state": "Routes.State",
    "vpc-id": "VpcId",
}


def _on_association(owner: RouteTables, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the table that an association is of, for the other one, and for the subnet."""
    found = associated(owner.state.view(context.scope), request["AssociationId"])
    tables = [request.get("RouteTableId"), found[0].id if found else None]
    subnet = found[1].get("SubnetId") if found else None
    wanted = {"RouteTableId": [table for table in tables if table], "SubnetId": subnet}
    return iter(on("RouteTableId", "SubnetId")(owner, context, wanted))


class RouteTables:
    """Route tables, and which subnets have which.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateRouteTable", access=on("VpcId", creates=ROUTE_TABLE))
    async def create_route_table(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a table that no subnet has yet.

        Raises:
            Ec2Error: `InvalidVpcID.NotFound`, `RouteTableLimitExceeded`.
            InvalidParameterValue, TagLimitExceeded.
        """
        tags = given(request, ROUTE_TABLE)

        def made(view: View) -> Resource:
            vpc = view.get(VPC, request["VpcId"])
            if view.count(ROUTE_TABLE, vpc.id) >= _MOST_TABLES:
                raise Ec2Error(
                    "RouteTableLimitExceeded", "The maximum number of route tables has been reached."
                )
            return new_table(view, vpc, tags=tags)

        def work(view: View) -> dict[str, Any]:
            return shown(view, once(view, ROUTE_TABLE, request, lambda: made(view)))

        table = await self.state.change(context.scope, request, work)
        return {"RouteTable": table, "ClientToken": request.get("ClientToken")}

    @action("DescribeRouteTables")
    async def describe_route_tables(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of tables."""
        return await self.state.read(
            context.scope,
            lambda view: listed(
                *(view, request, ROUTE_TABLE),
                answer="RouteTables",
                ids="RouteTableIds",
                filters=_FILTERS,
                shown=shown,
            ),
        )

    @action("DeleteRouteTable", access=on("RouteTableId"))
    async def delete_route_table(self, context: RequestContext, request: Request) -> None:
        """Delete a table that no subnet has.

        Raises:
            Ec2Error: `InvalidRouteTableID.NotFound`.
            DependencyViolation.
        """

        def work(view: View) -> None:
            table = view.get(ROUTE_TABLE, request["RouteTableId"])
            if table.body["Associations"]:
                raise DependencyViolation(
                    f"The routeTable '{table.id}' has dependencies and cannot be deleted."
                )
            view.remove(table)

        await self.state.change(context.scope, request, work)

    @action("AssociateRouteTable", access=on("RouteTableId", "SubnetId"))
    async def associate_route_table(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give a subnet a table of its own.

        Raises:
            Ec2Error: `….NotFound`, `Resource.AlreadyAssociated`.
            InvalidParameterValue: They are of two VPCs.
            NotImplementedOperation: A gateway's table.
        """
        if request.get("GatewayId") or request.get("PublicIpv4Pool"):
            raise NotImplementedOperation("Sagehen does not implement route tables of gateways.")
        if not request.get("SubnetId"):
            raise MissingParameter("subnetId")

        def work(view: View) -> str:
            table = view.get(ROUTE_TABLE, request["RouteTableId"])
            subnet = view.get(SUBNET, request["SubnetId"])
            _same_network(table, subnet)
            if _table_of(view, subnet) is not None:
                raise Ec2Error(
                    "Resource.AlreadyAssociated",
                    f"the specified association for route table {table.id} conflicts with an existing "
                    "association",
                )
            return associate(view, table, subnet.id)

        identifier = await self.state.change(context.scope, request, work)
        return {"AssociationId": identifier, "AssociationState": {"State": "associated"}}

    @action("DisassociateRouteTable", access=_on_association)
    async def disassociate_route_table(self, context: RequestContext, request: Request) -> None:
        """Give a subnet the VPC's main table again.

        Raises:
            Ec2Error: `InvalidAssociationID.NotFound`.
            InvalidParameterValue: It is the main table's.
        """

        def work(view: View) -> None:
            table, association = _found(view, request["AssociationId"])
            if association["Main"]:
                raise InvalidParameterValue(
                    f"cannot disassociate the main route table association {request['AssociationId']}"
                )
            table.body["Associations"].remove(association)
            view.save(table)

        await self.state.change(context.scope, request, work)

    @action("ReplaceRouteTableAssociation", access=_on_association)
    async def replace_route_table_association(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Give a subnet another table, or the VPC another main one.

        Raises:
            Ec2Error: `InvalidAssociationID.NotFound`, `InvalidRouteTableID.NotFound`.
            InvalidParameterValue: The table is another VPC's.
        """

        def work(view: View) -> str:
            former, association = _found(view, request["AssociationId"])
            former.body["Associations"].remove(association)
            view.save(former)
            table = view.get(ROUTE_TABLE, request["RouteTableId"])
            if table.parent != former.parent:
                raise InvalidParameterValue(
                    f"route table {table.id} and route table {former.id} belong to different networks"
                )
            return associate(view, table, association.get("SubnetId", ""))

        identifier = await self.state.change(context.scope, request, work)
        return {"NewAssociationId": identifier, "AssociationState": {"State": "associated"}}


def _found(view: View, identifier: str) -> tuple[Resource, dict[str, Any]]:
    found = associated(view, identifier)
    if found is None:
        raise Ec2Error("InvalidAssociationID.NotFound", f"The association ID '{identifier}' does not exist")
    return found


def _table_of(view: View, subnet: Resource) -> Resource | None:
    for table in view.of(ROUTE_TABLE, subnet.parent):
        if any(item.get("SubnetId") == subnet.id for item in table.body["Associations"]):
            return table
    return None


def _same_network(table: Resource, subnet: Resource) -> None:
    if table.parent != subnet.parent:
        raise InvalidParameterValue(
            f"route table {table.id} and subnet {subnet.id} belong to different networks"
        )
