"""VpcConfig of a function: which subnets and security groups it names, and in which VPC they are.

A function in a VPC reaches no other host, as on AWS where its subnets have no NAT gateway: there are none
here. AWS's own services it reaches, as through endpoints of that VPC. Nobody reaches a function, whatever its
groups' rules say, here as there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.access import Access
from sagehen.domain.ports.compute.networks import Networks
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.execution.contract import Environments
from sagehen.services.lambda_.functions.roles import FunctionRoles

_DIGITS = re.compile(r"[0-9a-f]{8}(?:[0-9a-f]{9})?")


class FunctionNetworks:
    """Finds what a VpcConfig names.

    Args:
        environments: Whether they can keep functions from other hosts.
        roles: Of functions.
        authorizer: What these may do.

    Attributes:
        known: EC2's, which is built after Lambda.
    """

    def __init__(self, environments: Environments, roles: FunctionRoles, authorizer: Authorizer) -> None:
        self._environments = environments
        self._roles = roles
        self._authorizer = authorizer
        self.known: Networks | None = None

    async def chosen(self, scope: Scope, request: Mapping[str, Any], role_arn: str) -> dict[str, Any] | None:
        """Return a request's VpcConfig with its VpcId: None where it names none, {} where it takes it away.

        Args:
            role_arn: The function's, which may be assumed.

        Raises:
            InvalidParameterValueException: There is no such subnet or group, they do not go together, or the
                role may make no network interface there (both recorded in public issues).
            NotImplementedOperation: IPv6, and where functions cannot be kept from the network.
        """
        asked = request.get("VpcConfig")
        if asked is None:
            return None
        subnets, groups = asked.get("SubnetIds") or [], asked.get("SecurityGroupIds") or []
        if bool(subnets) != bool(groups):  # recorded in public issues
            raise InvalidParameterValueException(
                "SubnetIds and SecurityIds must coexist or be both empty list."
            )
        if not subnets:
            return {}
        if asked.get("Ipv6AllowedForDualStack"):
            raise NotImplementedOperation("VpcConfig Ipv6AllowedForDualStack is not implemented.")
        if self.known is None or not self._environments.closes_internet:
            raise NotImplementedOperation("VpcConfig of a function is not implemented without sandboxes.")
        vpcs = await self._vpcs(self.known, scope, subnets, groups)
        if len(vpcs) > 1:
            raise InvalidParameterValueException(
                "Security Groups are required to be in the same VPC."  # from memory
            )
        await self._require_rights(scope, role_arn, subnets, groups, request["FunctionName"])
        return {
            "SubnetIds": list(subnets),
            "SecurityGroupIds": list(groups),
            "VpcId": vpcs.pop(),
            "Ipv6AllowedForDualStack": False,
        }

    async def _require_rights(
        self, scope: Scope, role_arn: str, subnets: Sequence[str], groups: Sequence[str], function: str
    ) -> None:
        principal = await self._roles.principal(role_arn, function.rpartition(":")[2])
        resources = [
            "network-interface/*",
            *(f"subnet/{name}" for name in subnets),
            *(f"security-group/{name}" for name in groups),
        ]
        for resource in resources:
            access = Access("ec2:CreateNetworkInterface", scope.arn("ec2", resource))
            if not self._authorizer.is_allowed(principal, access, {}):
                raise InvalidParameterValueException(
                    "The provided execution role does not have permissions to call CreateNetworkInterface on "
                    "EC2"
                )

    async def _vpcs(
        self, known: Networks, scope: Scope, subnets: Sequence[str], groups: Sequence[str]
    ) -> set[str]:
        """Return the VPCs that they are in. What EC2 answers is recorded in public issues."""
        vpcs = set()
        for name in subnets:
            subnet = await known.subnet(scope, name)
            if subnet is None:
                _require_form("DescribeSubnets", "InvalidSubnetID", "subnet", name)
                raise _refused(
                    "DescribeSubnets", "InvalidSubnetID.NotFound", f"The subnet ID '{name}' does not exist"
                )
            vpcs.add(subnet.vpc_id)
        for name in groups:
            vpc_id = await known.group_vpc(scope, name)
            if vpc_id is None:
                _require_form("DescribeSecurityGroups", "InvalidGroupId", "sg", name)
                raise _refused(
                    "DescribeSecurityGroups",
                    "InvalidGroup.NotFound",
                    f"The security group '{name}' does not exist",
                )
            vpcs.add(vpc_id)
        return vpcs


def _require_form(call: str, code: str, prefix: str, name: str) -> None:
    start, _, digits = name.partition("-")
    if start != prefix or not _DIGITS.fullmatch(digits):
        raise _refused(call, f"{code}.Malformed", f'Invalid id: "{name}" (expecting "{prefix}-...")')


def _refused(call: str, code: str, message: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"Error occurred while {call}. EC2 Error Code: {code}. EC2 Error Message: {message}"
    )
