"""Security groups: create, describe, delete.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html and its
neighbours. Sentences of refusals are from memory.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import (
    CannotDelete,
    DependencyViolation,
    Ec2Error,
    InvalidGroupDuplicate,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.network.security_groups.access import on_group
from sagehen.services.ec2.network.security_groups.finding import group_in_request, in_default_vpc
from sagehen.services.ec2.network.security_groups.groups import (
    DEFAULT_NAME,
    new_group,
    referring,
    shown,
)
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import Source, values_at
from sagehen.services.ec2.resources.kinds import NETWORK_INTERFACE, SECURITY_GROUP, SECURITY_GROUP_RULE, VPC
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

# Documented: AWS's quota for a region.
MOST_GROUPS = 2500
_LONGEST = 255
_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-:/()#,@[]+=&;{}!$*"
)
_RULE_FILTERS = {
    "cidr": "IpRanges.CidrIp",
    "from-port": "FromPort",
    "group-id": "UserIdGroupPairs.GroupId",
    "group-name": "UserIdGroupPairs.GroupName",
    "ipv6-cidr": "Ipv6Ranges.CidrIpv6",
    "prefix-list-id": "PrefixListIds.PrefixListId",
    "protocol": "IpProtocol",
    "to-port": "ToPort",
    "user-id": "UserIdGroupPairs.UserId",
}
_FILTERS: dict[str, Source] = {
    "description": "Description",
    "group-id": "GroupId",
    "group-name": "GroupName",
    "owner-id": "OwnerId",
    "vpc-id": "VpcId",
    **{f"ip-permission.{name}": f"IpPermissions.{path}" for name, path in _RULE_FILTERS.items()},
    **{f"egress.ip-permission.{name}": f"IpPermissionsEgress.{path}" for name, path in _RULE_FILTERS.items()},
}


class SecurityGroups:
    """Security groups.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("CreateSecurityGroup", access=on("VpcId", creates=SECURITY_GROUP))
    async def create_security_group(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a group in a VPC, in the default one where none is named.

        Raises:
            InvalidParameterValue, InvalidGroupDuplicate, MissingParameter, TagLimitExceeded.
            Ec2Error: `InvalidVpcID.NotFound`, `VPCIdNotSpecified`, `InvalidGroup.Reserved`,
                `SecurityGroupLimitExceeded`.
        """
        name, description = _checked(request)
        tags = given(request, SECURITY_GROUP)

        def work(view: View) -> dict[str, Any]:
            vpc_id = request.get("VpcId") or _default_vpc(view)
            vpc = view.get(VPC, vpc_id)
            if any(group.body["GroupName"] == name for group in view.of(SECURITY_GROUP, vpc.id)):
                raise InvalidGroupDuplicate(f"The security group '{name}' already exists for VPC '{vpc.id}'")
            if view.count(SECURITY_GROUP) >= MOST_GROUPS:
                raise Ec2Error(
                    "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached."
                )
            group = new_group(view, vpc.id, name, description, tags)
            return {"GroupId": group.id, "Tags": group.tag_list, "SecurityGroupArn": group.arn}

        return await self.state.change(context.scope, request, work)

    @action("DescribeSecurityGroups")
    async def describe_security_groups(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of groups with their rules.

        Raises:
            Ec2Error: `InvalidGroup.NotFound`.
        """

        def work(view: View) -> Reply:
            wanted = dict(request)
            if names := request.get("GroupNames"):
                found = [in_default_vpc(view, name) for name in names]
                for name, group in zip(names, found, strict=True):
                    if group is None:
                        raise SECURITY_GROUP.not_found(name)
                ids = [group.id for group in found if group is not None]
                wanted["GroupIds"] = [*(request.get("GroupIds") or ()), *ids]
            return listed(
                *(view, wanted, SECURITY_GROUP),
                answer="SecurityGroups",
                ids="GroupIds",
                filters=_FILTERS,
                shown=shown,
            )

        return await self.state.read(context.scope, work)

    @action("GetSecurityGroupsForVpc", access=on("VpcId"))
    async def get_security_groups_for_vpc(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of the groups that machines in a VPC can have.

        Raises:
            Ec2Error: `InvalidVpcID.NotFound`.
        """

        def work(view: View) -> Reply:
            vpc = view.get(VPC, request["VpcId"])
            only = {"Name": "vpc-id", "Values": [vpc.id]}
            narrowed = {**request, "Filters": [*(request.get("Filters") or ()), only]}
            return listed(
                *(view, narrowed, SECURITY_GROUP),
                answer="SecurityGroupForVpcs",
                ids="GroupIds",
                filters={**_FILTERS, "primary-vpc-id": "VpcId"},
                shown=lambda view, group: {**group.shown(), "PrimaryVpcId": group.parent},
            )

        return await self.state.read(context.scope, work)

    @action("DeleteSecurityGroup", access=on_group)
    async def delete_security_group(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete a group that no interface has and no other group names.

        Raises:
            Ec2Error: `InvalidGroup.NotFound`.
            MissingParameter, CannotDelete, DependencyViolation.
        """
        if not request.get("GroupId") and not request.get("GroupName"):
            raise MissingParameter("groupName or groupId")

        def work(view: View) -> str:
            group = group_in_request(view, request)
            if group.body["GroupName"] == DEFAULT_NAME:
                raise CannotDelete(
                    f'the specified group: "{group.id}" name: "{DEFAULT_NAME}" cannot be deleted by a user'
                )
            worn = any(
                group.id in values_at(interface.body, "Groups.GroupId")
                for interface in view.all(NETWORK_INTERFACE)
            )
            if worn or referring(view, group.id):
                raise DependencyViolation(f"resource {group.id} has a dependent object")
            for rule in view.of(SECURITY_GROUP_RULE, group.id):
                view.remove(rule)
            view.remove(group)
            return group.id

        return {"Return": True, "GroupId": await self.state.change(context.scope, request, work)}


def _default_vpc(view: View) -> str:
    for vpc in view.all(VPC):
        if vpc.body["IsDefault"]:
            return vpc.id
    raise Ec2Error("VPCIdNotSpecified", "No default VPC for this user")


def _checked(request: Request) -> tuple[str, str]:
    name, description = request["GroupName"], request["Description"]
    if not name or len(name) > _LONGEST or not _CHARACTERS.issuperset(name) or name != name.strip():
        raise InvalidParameterValue(
            "Invalid security group name. Valid names are strings less than 256 characters from the "
            "following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        )
    if name.lower().startswith("sg-"):
        raise InvalidParameterValue(
            f"Invalid group name '{name}'. Group names may not be in the format sg-*."
        )
    if name.lower() == DEFAULT_NAME:
        raise Ec2Error("InvalidGroup.Reserved", f"Cannot use reserved security group name: {DEFAULT_NAME}")
    if not description or len(description) > _LONGEST or not _CHARACTERS.issuperset(description):
        raise InvalidParameterValue(
            "Invalid security group description. Valid descriptions are strings less than 256 characters "
            "from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        )
    return name, description
