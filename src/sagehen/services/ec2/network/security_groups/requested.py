"""Rules as requests name them: in two forms, and with a group's name instead of its id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
)
from sagehen.services.ec2.network.security_groups.finding import named
from sagehen.services.ec2.network.security_groups.permission import Permission, count_sources, made, read
from sagehen.services.ec2.resources.kinds import SECURITY_GROUP
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View

# Documented: AWS's quota for each direction, as far as it is raised (it begins with 60).
MOST_RULES = 1000
# Members of the form that has one rule.
_SINGLE = (
    *("CidrIp", "IpProtocol", "FromPort", "ToPort", "SourceSecurityGroupName"),
    "SourceSecurityGroupOwnerId",
)
# Sources of rules that are read, and rules that are written, within some ms.
MANY = 200


async def permissions_of(request: Request) -> list[Permission]:
    """Return the rules of a request; each takes some 10 us to read.

    Raises:
        Ec2Error: `RulesPerSecurityGroupLimitExceeded`, unread: no group could have so many.
    """
    sources = sum(count_sources(item) for item in request.get("IpPermissions") or ())
    if sources > MOST_RULES:
        raise Ec2Error(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        )
    return await asyncio.to_thread(_permissions, request) if sources > MANY else _permissions(request)


def _permissions(request: Request) -> list[Permission]:
    """Return the rules of a request, in whichever of the two forms it has them."""
    listed_ones: Sequence[Any] = request.get("IpPermissions") or ()
    if listed_ones and (both := [member for member in _SINGLE if request.get(member) is not None]):
        # Documented: of one rule, "use a set of IP permissions" instead; the sentence is from memory.
        raise InvalidParameterCombination(
            f"The parameter ipPermissions may not be used in combination with {both[0]}."
        )
    source = {}
    if request.get("CidrIp"):
        source["cidr"] = request["CidrIp"]
    elif request.get("SourceSecurityGroupName"):
        source["group_id"] = f"name:{request['SourceSecurityGroupName']}"
    if not source:
        return list(read(listed_ones))
    protocol = request.get("IpProtocol")
    if not protocol and "group_id" in source:
        protocol = "-1"
    return [made(protocol, request.get("FromPort"), request.get("ToPort"), **source)]


def requested(rule: dict[str, Any]) -> Permission:
    """Return the rule of a SecurityGroupRuleRequest."""
    if rule.get("PrefixListId"):
        raise NotImplementedOperation("Sagehen does not implement prefix lists of EC2.")
    sources = {"cidr": "CidrIpv4", "cidr6": "CidrIpv6", "group_id": "ReferencedGroupId"}
    source = {name: rule[member] for name, member in sources.items() if rule.get(member)}
    if len(source) != 1:
        raise InvalidParameterValue("Exactly one source of the rule must be specified.")
    ports = rule.get("FromPort"), rule.get("ToPort")
    return made(rule.get("IpProtocol"), *ports, description=rule.get("Description") or "", **source)


def resolved_in(view: View, group: Resource, rule: Permission) -> Permission:
    """Return a rule with the id of the group that it names; it must be of the same VPC."""
    if not rule.group_id:
        return rule
    if rule.group_id.startswith("name:"):
        name = rule.group_id.removeprefix("name:")
        found = named(view, group.parent, name)
        if found is None:
            raise SECURITY_GROUP.not_found(name)
    else:
        found = view.get(SECURITY_GROUP, rule.group_id)
    if found.parent != group.parent:
        raise Ec2Error(
            "InvalidGroup.NotFound",
            f"You have specified two resources that belong to different networks: {group.id}, {found.id}.",
        )
    return replace(rule, group_id=found.id)
