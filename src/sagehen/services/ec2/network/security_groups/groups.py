"""Security groups as they are kept: each rule is a resource of its own, and belongs to its group."""

from __future__ import annotations

from typing import Any

from sagehen.services.ec2.network.security_groups.permission import ANY, Permission, written
from sagehen.services.ec2.resources.kinds import SECURITY_GROUP, SECURITY_GROUP_RULE
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View

DEFAULT_NAME = "default"
EVERYWHERE = Permission(ANY, cidr="0.0.0.0/0")


def new_group(
    view: View, vpc_id: str, name: str, description: str, tags: dict[str, str] | None = None
) -> Resource:
    """Make a group from which everything may be sent."""
    body: Body = {
        "GroupName": name,
        "Description": description,
        "VpcId": vpc_id,
        "OwnerId": view.scope.account_id,
    }
    group = view.new(SECURITY_GROUP, body, tags=tags, parent=vpc_id, id_member="GroupId")
    new_rule(view, group, EVERYWHERE, egress=True)
    return group


def new_default_group(view: View, vpc_id: str) -> Resource:
    """Make a VPC's own group, whose machines may send to one another."""
    group = new_group(view, vpc_id, DEFAULT_NAME, "default VPC security group")
    new_rule(view, group, Permission(ANY, group_id=group.id), egress=False)
    return group


def default_group(view: View, vpc_id: str) -> Resource:
    """Return a VPC's own group."""
    return next(group for group in view.of(SECURITY_GROUP, vpc_id) if group.body["GroupName"] == DEFAULT_NAME)


def new_rule(
    view: View, group: Resource, rule: Permission, *, egress: bool, tags: dict[str, str] | None = None
) -> Resource:
    """Add a rule to a group."""
    body = {**_rule_body(view, rule), "GroupId": group.id, "IsEgress": egress}
    return view.new(
        SECURITY_GROUP_RULE,
        body,
        tags=tags,
        parent=group.id,
        refers=rule.group_id,
        id_member="SecurityGroupRuleId",
    )


def rewrite_rule(view: View, resource: Resource, rule: Permission) -> None:
    """Make another rule of one, which keeps its id and its direction."""
    kept = {name: resource.body[name] for name in ("SecurityGroupRuleId", "GroupId", "IsEgress")}
    resource.body, resource.refers = {**_rule_body(view, rule), **kept}, rule.group_id
    view.save(resource)


def _rule_body(view: View, rule: Permission) -> Body:
    body: Body = {
        "GroupOwnerId": view.scope.account_id,
        "IpProtocol": rule.protocol,
        "FromPort": rule.first,
        "ToPort": rule.last,
    }
    if rule.cidr:
        body["CidrIpv4"] = rule.cidr
    if rule.cidr6:
        body["CidrIpv6"] = rule.cidr6
    if rule.group_id:
        body["ReferencedGroupInfo"] = {"GroupId": rule.group_id, "UserId": view.scope.account_id}
    if rule.description:
        body["Description"] = rule.description
    return body


def rule_of(resource: Resource) -> Permission:
    """Return the rule of a row."""
    body = resource.body
    return Permission(
        body["IpProtocol"],
        body["FromPort"],
        body["ToPort"],
        body.get("CidrIpv4", ""),
        body.get("CidrIpv6", ""),
        body.get("ReferencedGroupInfo", {}).get("GroupId", ""),
        body.get("Description", ""),
    )


def rules(view: View, group_id: str, *, egress: bool) -> list[tuple[Resource, Permission]]:
    """Return a group's rules of one direction, with their rows."""
    rows = view.of(SECURITY_GROUP_RULE, group_id)
    return [(row, rule_of(row)) for row in rows if row.body["IsEgress"] == egress]


def shown(view: View, group: Resource) -> dict[str, Any]:
    """Describe a group with its rules."""
    account = view.scope.account_id
    return {
        **group.shown(),
        "SecurityGroupArn": group.arn,
        "IpPermissions": written((rule for _, rule in rules(view, group.id, egress=False)), account),
        "IpPermissionsEgress": written((rule for _, rule in rules(view, group.id, egress=True)), account),
    }


def shown_rule(resource: Resource) -> dict[str, Any]:
    """Describe a rule."""
    return {**resource.shown(), "SecurityGroupRuleArn": resource.arn}


def referring(view: View, group_id: str) -> bool:
    """Tell whether a rule of another group names this one."""
    return any(rule.parent != group_id for rule in view.referring(group_id))
