"""The group that a request means: by id anywhere, by name in the default VPC."""

from __future__ import annotations

from sagehen.api.operation import Request
from sagehen.services.ec2.errors import InvalidParameterCombination, MissingParameter
from sagehen.services.ec2.resources.kinds import SECURITY_GROUP, VPC
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View


def in_default_vpc(view: View, name: str) -> Resource | None:
    """Return the group of that name in the default VPC."""
    default = next((vpc.id for vpc in view.all(VPC) if vpc.body["IsDefault"]), "none")
    return named(view, default, name)


def named(view: View, vpc_id: str, name: str) -> Resource | None:
    """Return the group of that name in a VPC."""
    return next((group for group in view.of(SECURITY_GROUP, vpc_id) if group.body["GroupName"] == name), None)


def group_in_request(view: View, request: Request) -> Resource:
    """Return the group of GroupId or GroupName.

    Raises:
        Ec2Error: `InvalidGroup.NotFound`, `InvalidGroupId.Malformed`.
        MissingParameter, InvalidParameterCombination.
    """
    owner = request.get("SourceSecurityGroupOwnerId")
    if owner is not None and owner != view.scope.account_id:
        raise SECURITY_GROUP.not_found(str(request.get("SourceSecurityGroupName"))[:255])
    if request.get("GroupId"):
        if request.get("GroupName"):
            raise InvalidParameterCombination("The parameter groupId cannot be used with groupName.")
        return view.get(SECURITY_GROUP, request["GroupId"])
    name = request.get("GroupName")
    if not name:
        raise MissingParameter("groupName or groupId")
    group = in_default_vpc(view, name)
    if group is None:
        raise SECURITY_GROUP.not_found(name)
    return group
