"""Admission: from what is asked for to an order; whatever speaks against it is told here.

Sentences of refusals are from memory.
"""

from __future__ import annotations

import base64
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.domain.arn import Arn
from sagehen.domain.ports.identity.instance_profiles import InstanceProfile
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.images.creation import require_available
from sagehen.services.ec2.images.finding import find as find_image
from sagehen.services.ec2.instance_types.families import family_of
from sagehen.services.ec2.instance_types.spot import spot_price
from sagehen.services.ec2.instances.launch.order import Disk, Interface, Order
from sagehen.services.ec2.instances.launch.request import tags_for, user_data
from sagehen.services.ec2.instances.limits import type_named
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.key_pairs.pairs import named as key_pair
from sagehen.services.ec2.network.addresses.association import leading_to
from sagehen.services.ec2.network.security_groups.finding import in_default_vpc
from sagehen.services.ec2.network.vpcs import default_vpc, refuse_unbuilt
from sagehen.services.ec2.resources.kinds import (
    INSTANCE,
    NETWORK_INTERFACE,
    SECURITY_GROUP,
    SUBNET,
    VOLUME,
)
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import checked
from sagehen.services.ec2.volumes.devices import last_part, require_place
from sagehen.services.ec2.volumes.source import source
from sagehen.services.ec2.volumes.volumes import check_size

_RESOLVED = "resolve:ssm:"
_DEFAULT_TYPE = "m1.small"  # documented
_INTERFACE = (
    *("DeviceIndex", "SubnetId", "Groups", "AssociatePublicIpAddress", "DeleteOnTermination", "Description"),
    *("PrivateIpAddress", "PrivateIpAddresses", "SecondaryPrivateIpAddressCount", "NetworkInterfaceId"),
    *("NetworkCardIndex", "InterfaceType"),
)
# What the largest types have (from memory).
MOST_INTERFACES = 15
_EC2 = "ec2.amazonaws.com"


def image_id(text: str, scope: Scope, needs: MachineNeeds) -> str:
    """Return the id that ImageId means: itself, or what a parameter of Systems Manager holds.

    Raises:
        Ec2Error: `InvalidParameterValue`.
    """
    if not text.startswith(_RESOLVED):
        return text
    name = text.removeprefix(_RESOLVED)
    found = needs.parameters.text(scope, name) if needs.parameters else None
    if found is None:
        raise Ec2Error("InvalidParameterValue", f"The parameter {name[:128]} could not be resolved.")
    return found.strip()


def profile_of(asked: Body, context: RequestContext, needs: MachineNeeds) -> InstanceProfile | None:
    """Return the instance profile that is named, once its role may be passed to EC2.

    Raises:
        Ec2Error: `InvalidParameterValue`: there is none, or no role is in it, or EC2 may not assume it.
        InvalidParameterCombination: Both name and ARN.
        AccessDenied: Who asks may not pass the role.
    """
    named = asked.get("IamInstanceProfile") or {}
    name, arn = named.get("Name") or "", named.get("Arn") or ""
    if name and arn:
        raise InvalidParameterCombination("The parameter 'name' cannot be used with the parameter 'arn'.")
    if not name and not arn:
        return None
    account = context.scope.account_id
    if arn:
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            parsed = None
        if parsed is not None and parsed.service == "iam" and parsed.account_id == account:
            name = parsed.resource.rpartition("/")[2]
    found = needs.profiles.find(account, name) if name else None
    if found is None or (arn and found.arn != arn):
        what, text = ("iamInstanceProfile.arn", arn) if arn else ("iamInstanceProfile.name", name)
        raise Ec2Error(
            "InvalidParameterValue",
            f"Value ({text[:128]}) for parameter {what} is invalid. Invalid IAM Instance Profile "
            f"{'ARN' if arn else 'name'}",
        )
    if not found.role_arn:
        raise Ec2Error(
            "InvalidParameterValue", f"IAM Instance Profile {found.arn} has no associated IAM Roles"
        )
    needs.roles.require_pass_role(context.principal, found.role_arn, _EC2, context.condition_keys())
    if not needs.roles.can_be_assumed_by(found.role_arn, _EC2):
        raise Ec2Error(
            "InvalidParameterValue",
            f"IAM Instance Profile {found.arn} has a role that ec2.amazonaws.com may not assume",
        )
    return found


def order(view: View, asked: Body, image: str, profile: InstanceProfile | None) -> Order:
    """Follow every reference.

    Args:
        asked: As `request.merged` made it.
        image: The id of the image.

    Raises:
        Ec2Error, InvalidParameterValue, InvalidParameterCombination, TagLimitExceeded.
        NotImplementedOperation: What is not built.
    """
    kind = type_named(asked.get("InstanceType") or _DEFAULT_TYPE)
    found = find_image(view, image)
    require_available(found)
    if found["Architecture"] != family_of(kind.name).architecture:
        raise InvalidParameterValue(
            f"The architecture '{family_of(kind.name).architecture}' of the specified instance type does not "
            f"match the architecture '{found['Architecture']}' of the specified AMI. Specify an instance "
            "type and an AMI that have matching architectures, and try again."
        )
    options: Body = {}
    if name := asked.get("KeyName"):
        key_pair(view, name)
        options["KeyName"] = name
    if (text := asked.get("UserData")) is not None:
        options["userData"] = base64.b64encode(user_data(text)).decode()
    if market := asked.get("InstanceMarketOptions"):
        _require_price(market, spot_price(kind))
        options["InstanceLifecycle"] = "spot"
    interface, *others = interfaces_in(asked)
    first = _interface(view, asked, interface)
    zone = first.subnet.body["AvailabilityZone"]
    public = interface.get("AssociatePublicIpAddress")
    if others:  # documented: AWS gives an address to a single new interface alone
        public = False
    return Order(
        image=found,
        instance_type=kind.name,
        interfaces=[first, *(_further(view, asked, each, zone) for each in others)],
        public=bool(first.subnet.body["MapPublicIpOnLaunch"] if public is None else public),
        disks=_disks(view, found, asked.get("BlockDeviceMappings") or ()),
        profile=profile,
        options=options,
        instance_tags=checked(tags_for(asked, INSTANCE.name)),
        volume_tags=checked(tags_for(asked, VOLUME.name)),
        interface_tags=checked(tags_for(asked, NETWORK_INTERFACE.name)),
    )


def _require_price(market: Body, price: str | None) -> None:
    """Refuse a Spot instance whose highest price is below today's."""
    most = (market.get("SpotOptions") or {}).get("MaxPrice")
    if most is not None and price is not None and float(most) < float(price):
        raise Ec2Error(
            "SpotMaxPriceTooLow",
            f"Your Spot request price of {most} is lower than the minimum required Spot request "
            f"fulfillment price of {price}.",
        )


def interfaces_in(asked: Body) -> list[Body]:
    """Return the network interfaces that are asked for, the first one first; that one is always there.

    Raises:
        InvalidParameterValue, InvalidParameterCombination.
        Ec2Error: `AttachmentLimitExceeded`.
        NotImplementedOperation: What of one is not built.
    """
    given: list[Body] = sorted(
        asked.get("NetworkInterfaces") or (), key=lambda interface: interface.get("DeviceIndex") or 0
    )
    if not given:
        return [{"PrivateIpAddress": asked.get("PrivateIpAddress")}]
    for interface in given:
        refuse_unbuilt(interface, tuple(sorted(set(interface) - set(_INTERFACE))))
        if interface.get("InterfaceType") not in (None, "interface"):
            refuse_unbuilt({"InterfaceType": True}, ("InterfaceType",))
        if (interface.get("NetworkCardIndex") or 0) != 0:
            raise InvalidParameterValue("Network interfaces are of the network card 0.")
        if not 0 <= (interface.get("SecondaryPrivateIpAddressCount") or 0) < 50:
            raise InvalidParameterValue("SecondaryPrivateIpAddressCount is from 0 to 49.")
    indices = [interface.get("DeviceIndex") or 0 for interface in given]
    if indices[0] != 0 or len(set(indices)) < len(indices):
        raise InvalidParameterValue(
            "Each network interface has a device index of its own, and the first one's is 0."
        )
    if len(given) > MOST_INTERFACES:
        kind = asked.get("InstanceType") or _DEFAULT_TYPE
        # Recorded in public issues; how many a type has is not in the catalogue.
        raise Ec2Error(
            "AttachmentLimitExceeded", f"Interface count {len(given)} exceeds the limit for {kind[:64]}"
        )
    if len(given) > 1 and any(interface.get("AssociatePublicIpAddress") for interface in given):
        raise InvalidParameterCombination(  # recorded in public issues
            "The associatePublicIPAddress parameter cannot be specified when launching with multiple "
            "network interfaces."
        )
    named = [interface["NetworkInterfaceId"] for interface in given if interface.get("NetworkInterfaceId")]
    if len(set(named)) < len(named):
        raise InvalidParameterCombination("A network interface can be given once.")
    return given


def _further(view: View, asked: Body, given: Body, zone: str) -> Interface:
    """Return the order of an interface besides the first.

    Raises:
        Ec2Error, InvalidParameterValue, InvalidParameterCombination.
        NotImplementedOperation: One to which an Elastic IP address leads.
    """
    interface = _interface(view, asked, given)
    if interface.subnet.body["AvailabilityZone"] != zone:
        raise InvalidParameterValue("The network interfaces of an instance are in one Availability Zone.")
    identifier = interface.interface_id
    if identifier and leading_to(view, view.get(NETWORK_INTERFACE, identifier)):
        what = "Elastic IP addresses of further network interfaces"
        refuse_unbuilt({what: True}, (what,))  # nothing would listen there
    return interface


def _interface(view: View, asked: Body, given: Body) -> Interface:
    subnet, groups = place(view, asked, given)
    identifier = given.get("NetworkInterfaceId") or ""
    return Interface(
        device=given.get("DeviceIndex") or 0,
        subnet=subnet,
        interface_id=identifier,
        groups=groups,
        private_ip=_private(asked, given),
        secondary=given.get("SecondaryPrivateIpAddressCount") or 0,
        description=given.get("Description") or "",
        keeps=given.get("DeleteOnTermination") is False or bool(identifier),
    )


def _private(asked: Body, interface: Body) -> str:
    several = interface.get("PrivateIpAddresses") or []
    if len(several) > 1:
        refuse_unbuilt({"several PrivateIpAddresses": True}, ("several PrivateIpAddresses",))
    address = interface.get("PrivateIpAddress") or next(
        (item.get("PrivateIpAddress") for item in several), ""
    )
    if address and (asked.get("MaxCount") or 1) > 1:
        raise InvalidParameterCombination("A private address can be given to one instance only.")
    return address or ""


def place(view: View, asked: Body, interface: Body) -> tuple[Resource, list[str]]:
    """Return the subnet and the ids of groups; none: the VPC's own.

    Args:
        interface: As `interface_in` returns it.

    Raises:
        Ec2Error, InvalidParameterValue, InvalidParameterCombination, MissingParameter.
    """
    if identifier := interface.get("NetworkInterfaceId"):
        there = view.get(NETWORK_INTERFACE, identifier)
        if (asked.get("MaxCount") or 1) > 1:
            raise InvalidParameterCombination("A network interface can be given to one instance only.")
        if there.body.get("Attachment"):
            raise Ec2Error("InvalidNetworkInterface.InUse", f"{there.id} is currently in use.")
        return view.get(SUBNET, there.parent), []
    wanted = interface.get("SubnetId") or asked.get("SubnetId")
    placement = asked.get("Placement") or {}
    zone, zone_id = placement.get("AvailabilityZone"), placement.get("AvailabilityZoneId")
    if wanted:
        subnet = view.get(SUBNET, wanted)
        if zone and subnet.body["AvailabilityZone"] != zone:
            raise InvalidParameterValue(
                f"The availability zone '{zone[:64]}' is not that of the subnet '{subnet.id}'."
            )
    else:
        vpc = default_vpc(view)
        if vpc is None:
            raise MissingParameter("subnetId")  # AWS: VPCIdNotSpecified
        subnets = [item for item in view.of(SUBNET, vpc.id) if item.body["DefaultForAz"]]
        found = [
            item
            for item in subnets
            if (not zone or item.body["AvailabilityZone"] == zone)
            and (not zone_id or item.body["AvailabilityZoneId"] == zone_id)
        ]
        if not found:
            raise InvalidParameterValue(f"Invalid availability zone: [{str(zone or zone_id or '')[:64]}]")
        subnet = found[0]
    groups = list(interface.get("Groups") or asked.get("SecurityGroupIds") or ())
    for name in asked.get("SecurityGroups") or ():
        group = in_default_vpc(view, name)
        if group is None:
            raise SECURITY_GROUP.not_found(name[:255])
        groups.append(group.id)
    for identifier in groups:
        if view.get(SECURITY_GROUP, identifier).parent != subnet.parent:
            raise Ec2Error(
                "InvalidParameter",
                f"Security group {identifier} and subnet {subnet.id} belong to different networks.",
            )
    return subnet, groups


def _disks(view: View, image: Body, given: Any) -> list[Disk]:
    """Return the image's volumes with what the request changes of them, and those that it adds."""
    wanted: dict[str, Body] = {}
    for mapping in (*image.get("BlockDeviceMappings", ()), *given):
        device = mapping.get("DeviceName") or ""
        last_part(device)
        if mapping.get("NoDevice") is not None:
            wanted.pop(device, None)
            continue
        refuse_unbuilt(mapping, ("VirtualName",))
        ebs = mapping.get("Ebs") or {}
        if mapping in given:
            refuse_unbuilt(ebs, ("Encrypted", "KmsKeyId", "OutpostArn", "VolumeInitializationRate"))
            snapshot = ebs.get("SnapshotId")
            before = wanted.get(device, {})
            if snapshot and snapshot != before.get("SnapshotId"):
                least = source(view, snapshot).body["VolumeSize"]
                wanted[device] = {**before, "VolumeSize": least, "least": least}
        else:
            wanted[device] = {"least": ebs.get("VolumeSize") if ebs.get("SnapshotId") else None}
        wanted[device] = {**wanted.get(device, {}), **{k: v for k, v in ebs.items() if v is not None}}
    root = image["RootDeviceName"]
    if root not in wanted:
        raise InvalidParameterValue(f"The root device {root} cannot be left out.")
    names = list(wanted)
    for number, device in enumerate(names):
        require_place(device, names[:number])
    disks = [_disk(device, ebs) for device, ebs in wanted.items()]
    for ebs in wanted.values():
        least = ebs.get("least") or 0
        if ebs["VolumeSize"] < least:
            raise Ec2Error(
                "InvalidBlockDeviceMapping",
                f"Volume of size {ebs['VolumeSize']}GB is smaller than snapshot "
                f"'{ebs.get('SnapshotId', '')}', expect size >= {least}GB",
            )
    return sorted(disks, key=lambda disk: disk.device != root)


def _disk(device: str, ebs: Body) -> Disk:
    size, kind = ebs.get("VolumeSize"), ebs.get("VolumeType") or "gp2"
    if size is None:
        raise MissingParameter("size/snapshot")
    check_size(size, kind)
    delete = ebs.get("DeleteOnTermination")
    return Disk(
        device,
        size,
        kind,
        True if delete is None else delete,
        ebs.get("SnapshotId") or "",
        ebs.get("Iops"),
        ebs.get("Throughput"),
    )
