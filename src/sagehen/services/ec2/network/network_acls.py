"""DescribeNetworkAcls: every VPC has AWS's own, which lets everything pass; others are not built."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import NETWORK_ACL, SUBNET
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View

# Documented: the rule that nobody can remove, behind the one that allows everything.
_LAST_RULE = 32767
_FIRST_RULE = 100
_FILTERS = {
    "association.association-id": "Associations.NetworkAclAssociationId",
    "association.network-acl-id": "Associations.NetworkAclId",
    "association.subnet-id": "Associations.SubnetId",
    "default": "IsDefault",
    "entry.cidr": "Entries.CidrBlock",
    "entry.protocol": "Entries.Protocol",
    "entry.rule-action": "Entries.RuleAction",
    "entry.egress": "Entries.Egress",
    "entry.rule-number": "Entries.RuleNumber",
    "network-acl-id": "NetworkAclId",
    "owner-id": "OwnerId",
    "vpc-id": "VpcId",
}


def new_default_acl(view: View, vpc_id: str) -> Resource:
    """Make a VPC's own list."""
    entries = [
        {
            "CidrBlock": "0.0.0.0/0",
            "Egress": egress,
            "Protocol": "-1",
            "RuleAction": verdict,
            "RuleNumber": number,
        }
        for egress in (True, False)
        for number, verdict in ((_FIRST_RULE, "allow"), (_LAST_RULE, "deny"))
    ]
    body: Body = {"VpcId": vpc_id, "IsDefault": True, "OwnerId": view.scope.account_id, "Entries": entries}
    return view.new(NETWORK_ACL, body, parent=vpc_id, id_member="NetworkAclId")


class NetworkAcls:
    """Network ACLs.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeNetworkAcls")
    async def describe_network_acls(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of them."""
        return await self.state.read(
            context.scope,
            lambda view: listed(
                view,
                request,
                NETWORK_ACL,
                answer="NetworkAcls",
                ids="NetworkAclIds",
                filters=_FILTERS,
                shown=_shown,
            ),
        )


def _shown(view: View, acl: Resource) -> dict[str, Any]:
    associations = [
        {
            "NetworkAclAssociationId": subnet.body["aclAssociation"],
            "NetworkAclId": acl.id,
            "SubnetId": subnet.id,
        }
        for subnet in view.of(SUBNET, acl.parent)
    ]
    return {**acl.shown(), "Associations": associations}
