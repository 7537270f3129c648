"""wanted: an instance's row as its machine is asked for."""

from __future__ import annotations

import base64

from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.hosts.host import Attached, FurtherInterface, MetadataOptions, Wanted
from sagehen.services.ec2.images.finding import looks
from sagehen.services.ec2.images.own import DEFAULT_LOGIN
from sagehen.services.ec2.instances import addresses
from sagehen.services.ec2.instances.limits import on_this_host
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.key_pairs.pairs import find as find_pair
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.volumes.volumes import FROM_SNAPSHOT, volumes_of


def wanted(view: View, instance: Resource, needs: MachineNeeds) -> Wanted:
    """Return what one start of an instance asks for.

    Raises:
        Ec2Error: What it needs is gone.
    """
    body = instance.body
    kind, limits = on_this_host(body["InstanceType"], needs.most_cpus)
    interface = addresses.interface_of(view, body)
    disks = [
        Attached(volume.id, attachment["Device"], volume.body["Size"], volume.body.get(FROM_SNAPSHOT, ""))
        for volume in volumes_of(view, instance.id)
        for attachment in volume.body["Attachments"]
    ]
    root = next((disk for disk in disks if disk.device == body["RootDeviceName"]), None)
    if interface is None or root is None:
        raise Ec2Error("IncorrectInstanceState", "The instance has no network interface, or no root volume.")
    pair = find_pair(view, body["KeyName"]) if body.get("KeyName") else None
    profile = (
        needs.profiles.find(view.scope.account_id, body.get("profileName") or "")
        if body.get("profileName")
        else None
    )
    image = looks(body, view.scope.region)
    public = addresses.public_address(view, body)
    role = profile if profile and profile.role_arn else None
    return Wanted(
        scope=view.scope,
        instance_id=instance.id,
        instance_type=kind.name,
        limits=limits,
        gpus=min(kind.gpus, needs.gpus),
        image_id=body["ImageId"],
        image_name=image.get("imageName") or body["ImageId"],
        default_user=image.get("login") or DEFAULT_LOGIN,
        key_name=body.get("KeyName"),
        authorized_keys=(str(pair.body["PublicKey"]).strip(),) if pair else (),
        profile_arn=profile.arn if profile else None,
        role_arn=role.role_arn if role else None,
        role_name=role.role_name if role else None,
        user_data=base64.b64decode(body.get("userData") or ""),
        first_boot=body["firstBoot"],
        root=root,
        volumes=tuple(disk for disk in disks if disk is not root),
        private_ip=body["PrivateIpAddress"],
        address=public or None,
        host_name=body["PrivateDnsName"],
        public_name=addresses.public_name(public, view.scope.region),
        availability_zone=body["Placement"]["AvailabilityZone"],
        vpc_id=body["VpcId"],
        subnet_id=body["SubnetId"],
        mac=interface.body["MacAddress"],
        reservation_id=body["reservation"],
        security_groups={group["GroupName"]: group["GroupId"] for group in interface.body["Groups"]},
        interfaces=tuple(map(_further, addresses.further_interfaces(view, body))),
        metadata=metadata_options(body),
        tags=instance.tags,
        launched_at=body["LaunchTime"],
        market="spot" if body.get("InstanceLifecycle") else "on-demand",
    )


def _further(interface: Resource) -> FurtherInterface:
    return FurtherInterface(
        device=interface.body["Attachment"]["DeviceIndex"],
        private_ip=interface.body["PrivateIpAddress"],
        host_name=interface.body["PrivateDnsName"],
        mac=interface.body["MacAddress"],
        subnet_id=interface.body["SubnetId"],
        vpc_id=interface.body["VpcId"],
        security_groups={group["GroupName"]: group["GroupId"] for group in interface.body["Groups"]},
    )


def metadata_options(body: Body) -> MetadataOptions:
    """Return the options of an instance's metadata service."""
    options = body["MetadataOptions"]
    return MetadataOptions(
        enabled=options["HttpEndpoint"] == "enabled",
        tokens_required=options["HttpTokens"] == "required",
        hop_limit=options["HttpPutResponseHopLimit"],
        tags=options["InstanceMetadataTags"] == "enabled",
    )
