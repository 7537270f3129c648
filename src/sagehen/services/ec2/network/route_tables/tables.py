"""Route tables as they are kept: associations lie in their table."""

from __future__ import annotations

from typing import Any

from sagehen.services.ec2.resources.kinds import INTERNET_GATEWAY, NETWORK_INTERFACE, ROUTE_TABLE
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View


def new_table(
    view: View, vpc: Resource, *, main: bool = False, tags: dict[str, str] | None = None
) -> Resource:
    """Make a table with the way inside its VPC."""
    local = {
        "DestinationCidrBlock": vpc.body["CidrBlock"],
        "GatewayId": "local",
        "Origin": "CreateRouteTable",
        "State": "active",
    }
    body: Body = {
        "VpcId": vpc.id,
        "OwnerId": view.scope.account_id,
        "Routes": [local],
        "Associations": [],
        "PropagatingVgws": [],
    }
    table = view.new(ROUTE_TABLE, body, tags=tags, parent=vpc.id, id_member="RouteTableId")
    if main:
        associate(view, table)
    return table


def main_table(view: View, vpc_id: str) -> Resource:
    """Return the table of all subnets of a VPC that have none of their own."""
    return next(
        table
        for table in view.of(ROUTE_TABLE, vpc_id)
        if any(association["Main"] for association in table.body["Associations"])
    )


def associate(view: View, table: Resource, subnet_id: str = "") -> str:
    """Give a subnet its table, or the VPC its main one; return the association's id."""
    identifier = view.draw("rtbassoc")
    association: dict[str, Any] = {
        "Main": not subnet_id,
        "RouteTableAssociationId": identifier,
        "RouteTableId": table.id,
        "AssociationState": {"State": "associated"},
    }
    if subnet_id:
        association["SubnetId"] = subnet_id
    table.body["Associations"].append(association)
    view.save(table)
    return identifier


def associated(view: View, identifier: str) -> tuple[Resource, dict[str, Any]] | None:
    """Return an association with its table; None where there is none of that id."""
    for table in view.all(ROUTE_TABLE):
        for association in table.body["Associations"]:
            if association["RouteTableAssociationId"] == identifier:
                return table, association
    return None


def forget_subnet(view: View, subnet: Resource) -> None:
    """Remove what a subnet that is deleted had."""
    for table in view.of(ROUTE_TABLE, subnet.parent):
        kept = [item for item in table.body["Associations"] if item.get("SubnetId") != subnet.id]
        if len(kept) < len(table.body["Associations"]):
            table.body["Associations"] = kept
            view.save(table)


def shown(view: View, table: Resource) -> dict[str, Any]:
    """Describe a table; ways through what is gone are black holes."""
    routes = [{**route, "State": "active" if _leads(view, table, route) else "blackhole"}
              for route in table.body["Routes"]]  # fmt: skip
    return {**table.shown(), "Routes": routes}


def _leads(view: View, table: Resource, route: dict[str, Any]) -> bool:
    gateway_id = route.get("GatewayId", "")
    if gateway_id.startswith("igw-"):
        gateway = view.find(INTERNET_GATEWAY, gateway_id)
        return gateway is not None and gateway.parent == table.parent
    if interface_id := route.get("NetworkInterfaceId"):
        return view.find(NETWORK_INTERFACE, interface_id) is not None
    return True
