"""The rules of groups: authorize, revoke, modify, describe.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html and its
neighbours. Sentences of refusals are from memory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidPermissionDuplicate,
    InvalidPermissionNotFound,
    MissingParameter,
)
from sagehen.services.ec2.network.security_groups.access import on_group
from sagehen.services.ec2.network.security_groups.finding import group_in_request
from sagehen.services.ec2.network.security_groups.groups import (
    new_rule,
    rewrite_rule,
    rule_of,
    rules,
    shown_rule,
)
from sagehen.services.ec2.network.security_groups.permission import (
    described,
    written,
)
from sagehen.services.ec2.network.security_groups.requested import (
    MANY,
    MOST_RULES,
    permissions_of,
    requested,
    resolved_in,
)
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import SECURITY_GROUP, SECURITY_GROUP_RULE, VPC
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

# Ours: AWS's quotas of groups and rules multiply to millions.
_MOST_RULES_OF_A_REGION = 100_000
_FILTERS = {"group-id": "GroupId", "security-group-rule-id": "SecurityGroupRuleId"}


class SecurityGroupRules:
    """The rules of security groups.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("AuthorizeSecurityGroupIngress", access=on_group)
    async def authorize_security_group_ingress(self, context: RequestContext, request: Request) -> Reply:
        """Add rules for what may come in, all or none.

        Raises:
            Ec2Error: `InvalidGroup.NotFound`, `RulesPerSecurityGroupLimitExceeded`.
            InvalidParameterValue, InvalidPermissionDuplicate, MissingParameter.
            NotImplementedOperation: Prefix lists.
        """
        return await self._authorize(context, request, egress=False)

    @action("AuthorizeSecurityGroupEgress", access=on_group)
    async def authorize_security_group_egress(self, context: RequestContext, request: Request) -> Reply:
        """Add rules for what may go out, all or none. Raises as for ingress."""
        return await self._authorize(context, request, egress=True)

    @action("RevokeSecurityGroupIngress", access=on_group)
    async def revoke_security_group_ingress(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Remove rules, by what they say or by their ids.

        Raises:
            Ec2Error: `InvalidGroup.NotFound`, `InvalidSecurityGroupRuleId.NotFound`.
            InvalidPermissionNotFound: The group has no such rule, in a VPC that is not the default one.
            InvalidParameterValue, MissingParameter.
        """
        return await self._revoke(context, request, egress=False)

    @action("RevokeSecurityGroupEgress", access=on_group)
    async def revoke_security_group_egress(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Remove rules, by what they say or by their ids. Raises as for ingress."""
        return await self._revoke(context, request, egress=True)

    @action("DescribeSecurityGroupRules")
    async def describe_security_group_rules(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of rules."""
        return await self.state.read(
            context.scope,
            lambda view: listed(
                *(view, request, SECURITY_GROUP_RULE),
                answer="SecurityGroupRules",
                ids="SecurityGroupRuleIds",
                filters=_FILTERS,
                shown=lambda view, rule: shown_rule(rule),
            ),
        )

    @action("ModifySecurityGroupRules", access=on("GroupId"))
    async def modify_security_group_rules(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make other rules of some, all or none; they keep their ids.

        Raises:
            Ec2Error: `….NotFound`.
            InvalidParameterValue, InvalidPermissionDuplicate, MissingParameter.
            NotImplementedOperation: Prefix lists.
        """

        def work(view: View) -> None:
            group = view.get(SECURITY_GROUP, request["GroupId"])
            for update in request["SecurityGroupRules"]:
                resource = _rule_in(view, group, update["SecurityGroupRuleId"])
                rule = resolved_in(view, group, requested(update.get("SecurityGroupRule") or {}))
                for other, present in rules(view, group.id, egress=resource.body["IsEgress"]):
                    if other.id != resource.id and present.bare == rule.bare:
                        raise InvalidPermissionDuplicate(f"the specified rule {rule} already exists")
                rewrite_rule(view, resource, rule)

        await self.state.change(context.scope, request, work)
        return {"Return": True}

    @action("UpdateSecurityGroupRuleDescriptionsIngress", access=on_group)
    async def update_descriptions_ingress(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Describe rules anew, by what they say or by their ids.

        Raises:
            Ec2Error: `….NotFound`.
            InvalidPermissionNotFound, InvalidParameterValue, MissingParameter.
        """
        return await self._describe_anew(context, request, egress=False)

    @action("UpdateSecurityGroupRuleDescriptionsEgress", access=on_group)
    async def update_descriptions_egress(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Describe rules anew. Raises as for ingress."""
        return await self._describe_anew(context, request, egress=True)

    async def _authorize(self, context: RequestContext, request: Request, *, egress: bool) -> Reply:
        wanted = await permissions_of(request)
        if not wanted:
            raise MissingParameter("ipPermissions")
        tags = given(request, SECURITY_GROUP_RULE)

        def work(view: View) -> list[dict[str, Any]]:
            group = group_in_request(view, request)
            present = {rule.bare for _, rule in rules(view, group.id, egress=egress)}
            resolved = [resolved_in(view, group, rule) for rule in wanted]
            if len({rule.bare for rule in resolved}) < len(resolved):
                raise InvalidParameterValue("The same permission must not appear multiple times")
            for rule in resolved:
                if rule.bare in present:
                    raise InvalidPermissionDuplicate(f"the specified rule {rule} already exists")
            here = view.count(SECURITY_GROUP_RULE)
            if len(present) + len(resolved) > MOST_RULES or here + len(resolved) > _MOST_RULES_OF_A_REGION:
                raise Ec2Error(
                    "RulesPerSecurityGroupLimitExceeded",
                    "The maximum number of rules per security group has been reached.",
                )
            return [shown_rule(new_rule(view, group, rule, egress=egress, tags=tags)) for rule in resolved]

        made_rules = await self.state.change(context.scope, request, work)
        answer = {"Return": True, "SecurityGroupRules": made_rules}
        return Reply(answer, is_large=len(made_rules) > MANY)

    async def _revoke(self, context: RequestContext, request: Request, *, egress: bool) -> dict[str, Any]:
        identifiers = request.get("SecurityGroupRuleIds") or ()
        wanted = [] if identifiers else await permissions_of(request)
        if not wanted and not identifiers:
            raise MissingParameter("ipPermissions or securityGroupRuleIds")

        def work(view: View) -> dict[str, Any]:
            group = group_in_request(view, request)
            gone = [_rule_in(view, group, identifier, egress=egress) for identifier in identifiers]
            unknown = []
            present = {rule.bare: row for row, rule in rules(view, group.id, egress=egress)}
            for rule in wanted:
                resolved = resolved_in(view, group, rule)
                found = present.pop(resolved.bare, None)
                if found is None:
                    unknown.append(resolved)
                else:
                    gone.append(found)
            # Documented: in the default VPC what is not there is told, elsewhere it is refused.
            if unknown and not view.get(VPC, group.parent).body["IsDefault"]:
                raise InvalidPermissionNotFound("The specified rule does not exist in this security group.")
            for row in gone:
                view.remove(row)
            return {
                "Return": True,
                "UnknownIpPermissions": written(unknown, view.scope.account_id),
                "RevokedSecurityGroupRules": [_revoked(row) for row in gone],
            }

        return await self.state.change(context.scope, request, work)

    async def _describe_anew(
        self, context: RequestContext, request: Request, *, egress: bool
    ) -> dict[str, Any]:
        by_id = request.get("SecurityGroupRuleDescriptions") or ()
        if by_id and request.get("IpPermissions"):
            # Documented: either of them.
            raise InvalidParameterCombination(
                "The parameter ipPermissions may not be used with securityGroupRuleDescriptions."
            )
        wanted = [] if by_id else await permissions_of({"IpPermissions": request.get("IpPermissions")})
        if not by_id and not wanted:
            raise MissingParameter("ipPermissions or securityGroupRuleDescriptions")

        def work(view: View) -> None:
            group = group_in_request(view, request)
            for item in by_id:
                row = _rule_in(view, group, item.get("SecurityGroupRuleId") or "", egress=egress)
                text = described(item.get("Description"))
                rewrite_rule(view, row, replace(rule_of(row), description=text))
            present = {rule.bare: row for row, rule in rules(view, group.id, egress=egress)}
            for rule in wanted:
                resolved = resolved_in(view, group, rule)
                if resolved.bare not in present:
                    raise InvalidPermissionNotFound(
                        "The specified rule does not exist in this security group."
                    )
                rewrite_rule(view, present[resolved.bare], resolved)

        await self.state.change(context.scope, request, work)
        return {"Return": True}


def _rule_in(view: View, group: Resource, identifier: str, *, egress: bool | None = None) -> Resource:
    found = view.get(SECURITY_GROUP_RULE, identifier)
    if found.parent != group.id or (egress is not None and found.body["IsEgress"] != egress):
        raise SECURITY_GROUP_RULE.not_found(identifier)
    return found


def _revoked(row: Resource) -> dict[str, Any]:
    body = row.body
    kept = ("SecurityGroupRuleId", "GroupId", "IsEgress", "IpProtocol", "FromPort", "ToPort", "CidrIpv4")
    shown = {name: body[name] for name in (*kept, "CidrIpv6", "Description") if name in body}
    if group_id := body.get("ReferencedGroupInfo", {}).get("GroupId"):
        shown["ReferencedGroupId"] = group_id
    return shown
