"""What an operation needs to be allowed: on what it names, on what it makes, on the tags that it gives.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.scope import Scope
from sagehen.services.ec2.resources.kinds import KEY_PAIR, LAUNCH_TEMPLATE, Kind, kind_of
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State

Keys = dict[str, ConditionValue]
# Members of a resource that are condition keys; what holds an id of another resource is that one's ARN.
_KEYS: Mapping[str, Mapping[str, str]] = {
    "vpc": {"ec2:Tenancy": "InstanceTenancy"},
    "subnet": {
        "ec2:AvailabilityZone": "AvailabilityZone",
        "ec2:AvailabilityZoneId": "AvailabilityZoneId",
        "ec2:Vpc": "VpcId",
    },
    "route-table": {"ec2:Vpc": "VpcId"},
    "security-group": {"ec2:Vpc": "VpcId"},
    "network-interface": {
        **{"ec2:AvailabilityZone": "AvailabilityZone", "ec2:Vpc": "VpcId", "ec2:Subnet": "SubnetId"},
    },
    "elastic-ip": {"ec2:Domain": "Domain", "ec2:PublicIpAddress": "PublicIp"},
    "key-pair": {"ec2:KeyPairName": "KeyName", "ec2:KeyPairType": "KeyType"},
    "instance": {"ec2:AvailabilityZone": "Placement.AvailabilityZone", "ec2:InstanceType": "InstanceType"},
    "volume": {
        **{
            "ec2:AvailabilityZone": "AvailabilityZone",
            "ec2:Encrypted": "Encrypted",
            "ec2:VolumeSize": "Size",
        },
        **{"ec2:VolumeType": "VolumeType", "ec2:VolumeIops": "Iops", "ec2:VolumeThroughput": "Throughput"},
    },
    "snapshot": {
        **{"ec2:Encrypted": "Encrypted", "ec2:Owner": "OwnerId", "ec2:ParentVolume": "VolumeId"},
        **{"ec2:SnapshotTime": "StartTime", "ec2:VolumeSize": "VolumeSize"},
    },
    "image": {
        **{"ec2:ImageType": "ImageType", "ec2:Owner": "OwnerId", "ec2:Public": "Public"},
        "ec2:RootDeviceType": "RootDeviceType",
    },
}
_NOBODYS = ("image", "snapshot")
_ID_KEYS = {
    "vpc": "ec2:VpcID",
    "subnet": "ec2:SubnetID",
    "internet-gateway": "ec2:InternetGatewayID",
    "route-table": "ec2:RouteTableID",
    "security-group": "ec2:SecurityGroupID",
    "network-interface": "ec2:NetworkInterfaceID",
    "elastic-ip": "ec2:AllocationId",
    "instance": "ec2:InstanceID",
    "volume": "ec2:VolumeID",
    "snapshot": "ec2:SnapshotID",
    "image": "ec2:ImageID",
}


class Owner(Protocol):
    """Who declares operations."""

    state: State


def on(*members: str, creates: Kind | None = None, attributes: Sequence[str] = ()) -> AccessRule:
    """Make the access rule of an operation.

    Args:
        members: Of the input, each with an id or a list of ids; those that are absent ask for nothing. The
            names of key pairs and launch templates are such, too.
        creates: The kind of what it makes.
        attributes: Members that change an attribute each, which policies may look at.
    """

    def rule(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
        name, scope = f"ec2:{context.operation}", context.scope
        own: Keys = {"ec2:Region": scope.region}
        changed = _attribute_keys(request, attributes)
        asked = False
        if creates is not None:
            asked = True
            yield creation(context, request, creates)
        for member in members:
            for identifier in _identifiers(request.get(member)):
                asked = True
                access = named(owner.state, scope, name, member, identifier)
                yield replace(access, conditions={**access.conditions, **changed})
        if not asked:
            yield Access(name, "*", own)
        yield from tagging(context, request)

    return rule


def creation(context: RequestContext, request: Request, kind: Kind) -> Access:
    """Ask for the making of something of a kind, with the tags that it is given."""
    keys: Keys = {"ec2:Region": context.scope.region, **tag_keys(request_tags(request, kind))}
    return Access(f"ec2:{context.operation}", arn_of(context.scope, kind.name), keys)


def anything(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the operation itself: those that describe have no resource."""
    yield Access(f"ec2:{context.operation}", "*", {"ec2:Region": context.scope.region})


def tagging(context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for ec2:CreateTags where something is tagged as it is made."""
    scope = context.scope
    for specification in request.get("TagSpecifications") or ():
        if specification.get("Tags"):
            keys = tag_keys({tag.get("Key", ""): tag.get("Value", "") for tag in specification["Tags"]})
            arn = arn_of(scope, str(specification.get("ResourceType", "*")))
            own: Keys = {"ec2:Region": scope.region, "ec2:CreateAction": context.operation}
            yield Access("ec2:CreateTags", arn, {**own, **keys})


def named(state: State, scope: Scope, action: str, member: str, identifier: str) -> Access:
    """Ask for an action on what an id, or the name of a key pair or launch template, stands for."""
    view = state.view(scope)
    by_name = {"KeyName": KEY_PAIR, "LaunchTemplateName": LAUNCH_TEMPLATE}.get(member)
    if by_name is not None:
        found = next(iter(view.of(by_name, identifier)), None)  # these belong to their names
        # The ARN of a key pair ends in its name.
        last = identifier if by_name is KEY_PAIR else found.id if found else "*"
        return Access(action, scope.arn("ec2", f"{by_name.name}/{last}"), resource_keys(scope, found))
    kind = kind_of(identifier)
    if kind is None:
        return Access(action, "*", {"ec2:Region": scope.region})
    # Others may share what is nobody's in its ARN.
    shared = view.anywhere(kind, identifier) if kind.name in _NOBODYS else None
    return on_resource(scope, action, kind, identifier, view.find(kind, identifier) or shared)


def on_resource(scope: Scope, action: str, kind: Kind, identifier: str, found: Resource | None) -> Access:
    """Ask for an action on a resource, whether or not there is one of that id."""
    return Access(action, arn_of(scope, kind.name, identifier), resource_keys(scope, found))


def arn_of(scope: Scope, kind_name: str, identifier: str = "*") -> str:
    """Return the ARN of a resource; images and snapshots are nobody's in theirs (documented)."""
    owner = "" if kind_name in _NOBODYS else scope.account_id
    return f"arn:{scope.partition}:ec2:{scope.region}:{owner}:{kind_name}/{identifier}"


def resource_keys(scope: Scope, found: Resource | None) -> Keys:
    """Return the condition keys that a resource determines, besides its tags."""
    keys: Keys = {"ec2:Region": scope.region}
    if found is None:
        return keys
    if found.kind.name in _ID_KEYS:
        keys[_ID_KEYS[found.kind.name]] = found.id
    for key, member in _KEYS.get(found.kind.name, {}).items():
        value = _text(found.body, member)
        if value is None:
            continue
        other = kind_of(value) if member.endswith("Id") else None
        keys[key] = scope.arn("ec2", f"{other.name}/{value}") if other else value
    return keys


def _text(body: Mapping[str, Any], path: str) -> str | None:
    """Return a member, or one of a member's, as policies compare it; None where it is absent."""
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return key_text(value) if value is not None else None


def key_text(value: object) -> str:
    """Return a value as policies compare it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def volume_keys(disk: Mapping[str, Any], size: str) -> Keys:
    """Return the condition keys of a volume that a request describes.

    Args:
        disk: What it says of it.
        size: Its member with the size in GiB.
    """
    members = {
        **{"ec2:VolumeSize": size, "ec2:VolumeType": "VolumeType", "ec2:VolumeIops": "Iops"},
        **{"ec2:VolumeThroughput": "Throughput", "ec2:Encrypted": "Encrypted"},
    }
    given = {key: disk.get(member) for key, member in members.items()}
    return {key: key_text(value) for key, value in given.items() if value is not None}


def request_tags(request: Request, kind: Kind) -> dict[str, str]:
    """Return the tags that a request gives to what it makes of this kind."""
    return {
        tag.get("Key", ""): tag.get("Value", "")
        for specification in request.get("TagSpecifications") or ()
        if specification.get("ResourceType") == kind.name
        for tag in specification.get("Tags") or ()
    }


def tag_keys(tags: Mapping[str, str]) -> Keys:
    """Return the condition keys of tags in a request."""
    if not tags:
        return {}
    keys: Keys = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return {**keys, "aws:TagKeys": tuple(tags)}


def _attribute_keys(request: Request, attributes: Sequence[str]) -> Keys:
    keys: Keys = {}
    for name in attributes:
        value = request.get(name)
        if value is None:
            continue
        if name == "Attribute":  # of one that is reset: it has no value
            keys |= {"ec2:Attribute": str(value), f"ec2:Attribute/{value}": ""}
        elif isinstance(value, dict) and "Value" not in value:
            keys |= {"ec2:Attribute": name, f"ec2:Attribute/{name}": tuple(_grantees(value))}
        else:
            value = value["Value"] if isinstance(value, dict) else value
            keys |= {"ec2:Attribute": name, f"ec2:Attribute/{name}": key_text(value)}
    return keys


def _grantees(permission: Mapping[str, Any]) -> Iterator[str]:
    """Yield the accounts and groups that a change of a permission names."""
    for item in (*(permission.get("Add") or ()), *(permission.get("Remove") or ())):
        yield str(item.get("UserId") or item.get("Group") or "")


def _identifiers(value: str | Sequence[str] | None) -> Iterable[str]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else value
