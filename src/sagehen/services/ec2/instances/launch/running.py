"""RunInstances.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html;
InsufficientInstanceCapacity and InstanceLimitExceeded as AWS words them (recorded in public issues).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import IdempotentParameterMismatch
from sagehen.services.ec2.images.catalogue import public_images
from sagehen.services.ec2.instances.describing import reservation
from sagehen.services.ec2.instances.launch.admission import image_id, profile_of
from sagehen.services.ec2.instances.launch.interfaces import interfaces_in, place
from sagehen.services.ec2.instances.launch.request import merged, with_template
from sagehen.services.ec2.instances.launch.transaction import launched, with_spot_requests
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.network.security_groups.groups import default_group
from sagehen.services.ec2.resources.access import (
    Keys,
    key_text,
    named,
    request_tags,
    tag_keys,
    tagging,
    volume_keys,
)
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import (
    INSTANCE,
    NETWORK_INTERFACE,
    SECURITY_GROUP,
    SPOT_REQUEST,
    SUBNET,
    VOLUME,
    Kind,
)
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.tokens import print_of
from sagehen.services.ec2.resources.view import View

_RESOLVED = "resolve:ssm:"


def _access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for what is made and for all that is used, as AWS does (documented: actions of EC2)."""
    scope, name = context.scope, "ec2:RunInstances"
    with contextlib.suppress(ServiceError):  # there is no such template: the operation says so
        request = with_template(owner.state.view(scope), request)
    own: Keys = {"ec2:Region": scope.region, "ec2:InstanceType": request.get("InstanceType") or ""}
    if market := (request.get("InstanceMarketOptions") or {}).get("MarketType"):
        own["ec2:InstanceMarketType"] = market
    options = request.get("MetadataOptions") or {}
    if tokens := options.get("HttpTokens"):
        own["ec2:MetadataHttpTokens"] = tokens
    if profile := (request.get("IamInstanceProfile") or {}).get("Arn"):
        own["ec2:InstanceProfile"] = profile
    template = request.get("LaunchTemplate") or {}
    if template:
        own |= _template_keys(owner, scope, template)
    interfaces = request.get("NetworkInterfaces") or ()
    for kind in (INSTANCE, VOLUME, NETWORK_INTERFACE, *((SPOT_REQUEST,) if market else ())):
        tags = tag_keys(request_tags(request, kind))
        arn = scope.arn("ec2", f"{kind.name}/*")
        for keys in _parts_of_kind(kind, request, interfaces):
            yield Access(name, arn, {**own, **keys, **tags})
    image = request.get("ImageId") or ""
    if image.startswith(_RESOLVED):
        parameter = image.removeprefix(_RESOLVED).partition(":")[0].lstrip("/")
        yield Access("ssm:GetParameters", scope.arn("ssm", f"parameter/{parameter}"), {})
    yield from used(owner.state, scope, name, request)
    for member in ("LaunchTemplateId", "LaunchTemplateName"):
        if identifier := template.get(member):
            yield named(owner.state, scope, name, member, identifier)
    yield from tagging(context, request)


def used(state: State, scope: Scope, action_name: str, request: Body) -> Iterator[Access]:
    """Ask for an action on all that a machine is made of, what is filled in included."""
    interfaces = request.get("NetworkInterfaces") or ()
    disks = [each.get("Ebs") or {} for each in request.get("BlockDeviceMappings") or ()]
    image = request.get("ImageId") or ""
    members: dict[str, list[Any]] = {
        "ImageId": [] if image.startswith(_RESOLVED) else [image],
        "KeyName": [request.get("KeyName")],
        "SnapshotId": [disk.get("SnapshotId") for disk in disks],
        "NetworkInterfaceId": [each.get("NetworkInterfaceId") for each in interfaces],
        "SubnetId": [request.get("SubnetId"), *(each.get("SubnetId") for each in interfaces)],
        "SecurityGroupIds": list(request.get("SecurityGroupIds") or ()),
    }
    for interface in interfaces:
        members["SecurityGroupIds"] += interface.get("Groups") or ()
    filled_in = _filled_in(state.view(scope), request)
    for member, identifiers in members.items():
        for identifier in dict.fromkeys((*identifiers, *filled_in.get(member, ()))):
            if identifier:
                access = named(state, scope, action_name, member, identifier)
                keys = _image_keys(scope, identifier) if member == "ImageId" else {}
                yield replace(access, conditions={**access.conditions, **keys})


def _filled_in(view: View, request: Request) -> dict[str, list[str]]:
    """Return what AWS fills in before it asks: the default subnet, groups by name, the VPC's own group."""
    if not view.is_furnished:  # the account's first request: what there will be has no ids yet
        return {"SubnetId": [f"{SUBNET.prefix}-*"], "SecurityGroupIds": [f"{SECURITY_GROUP.prefix}-*"]}
    subnets, groups = [], []
    with contextlib.suppress(ServiceError):  # the operation says what is wrong
        for interface in interfaces_in(request):
            if not interface.get("NetworkInterfaceId"):
                subnet, given = place(view, request, interface)
                subnets.append(subnet.id)
                groups += given or [default_group(view, subnet.parent).id]
    return {"SubnetId": subnets, "SecurityGroupIds": groups}


def _parts_of_kind(kind: Kind, request: Request, interfaces: Sequence[Body]) -> list[Keys]:
    """Return the keys of each thing of a kind that a request describes; one thing where it says nothing."""
    if kind is VOLUME:
        disks = [each.get("Ebs") for each in request.get("BlockDeviceMappings") or ()]
        return [volume_keys(disk, "VolumeSize") for disk in disks if disk] or [{}]
    if kind is NETWORK_INTERFACE:
        name = "AssociatePublicIpAddress"
        given = [each.get(name) for each in interfaces]
        return [{} if value is None else {f"ec2:{name}": key_text(value)} for value in given] or [{}]
    return [{}]


def _template_keys(owner: Any, scope: Scope, template: Body) -> Keys:
    """Whether what a request asks for came with a launch template: documented for every resource of it."""
    for member in ("LaunchTemplateId", "LaunchTemplateName"):
        if identifier := template.get(member):
            arn = named(owner.state, scope, "ec2:RunInstances", member, identifier).resource
            return {"ec2:LaunchTemplate": arn, "ec2:IsLaunchTemplateResource": "true"}
    return {}


def _image_keys(scope: Scope, identifier: str) -> Keys:
    image = public_images(scope.region).get(identifier)
    return {"ec2:Owner": image.family.owner, "ec2:Public": "true"} if image else {}


class Running:
    """RunInstances.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self.state = parts.state
        self._parts = parts

    @action("RunInstances", access=_access)
    async def run_instances(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Start machines.

        Raises:
            Ec2Error: `….NotFound`, `InvalidParameterValue`, `InsufficientInstanceCapacity`,
                `InstanceLimitExceeded`, `InvalidBlockDeviceMapping`, `SpotMaxPriceTooLow`, …
            InvalidParameterCombination, InvalidParameterValue, MissingParameter, IdempotentParameterMismatch.
            AccessDenied: The profile's role may not be passed.
            NotImplementedOperation: What is not built, and everything where no machine can be had.
        """
        needs = self._parts.needed()
        scope = context.scope
        asked = merged(self.state.view(scope), request)
        profile = profile_of(asked, context, needs)
        image = image_id(asked["ImageId"], scope, needs)
        token_print = print_of(request)
        made_before = False
        now = self._parts.clock.now()

        def work(view: View) -> list[Resource]:
            nonlocal made_before
            if before := _repeated(view, asked.get("ClientToken") or "", token_print):
                made_before = True
                return before
            made = launched(self._parts, view, asked, image, profile, now, token_print)
            with_spot_requests(view, asked, made, now)
            return made

        made = await self.state.change(scope, request, work)
        if not made_before:
            for instance in made:
                self._parts.watch(scope, instance.id)
        return reservation(self.state.view(scope), made)


def _repeated(view: View, token: str, token_print: str) -> list[Resource]:
    """Return what the same request made before."""
    if not token:
        return []
    found = [row for row in view.all(INSTANCE) if row.body["ClientToken"] == token]
    if found and found[0].body["tokenPrint"] != token_print:
        raise IdempotentParameterMismatch(
            "Arguments on this idempotent request are inconsistent with arguments used in previous "
            "request(s)."
        )
    return found
