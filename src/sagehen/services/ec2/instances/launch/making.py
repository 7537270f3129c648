"""new_instances: an order written down, within one transaction: interfaces, volumes, instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sagehen.services.ec2.instances import addresses
from sagehen.services.ec2.instances.launch.order import Interface, Order
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.network.network_interfaces.making import new_interface
from sagehen.services.ec2.resources.kinds import INSTANCE, NETWORK_INTERFACE
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.snapshots import inherited
from sagehen.services.ec2.volumes.volumes import attach, new_volume


def new_instances(
    view: View, asked: Body, order: Order, count: int, now: datetime, token_print: str
) -> list[Resource]:
    """Make so many instances of one reservation.

    Raises:
        Ec2Error: What a network interface or a volume cannot be made for.
    """
    reservation = view.draw("r")
    return [_instance(view, asked, order, number, reservation, now, token_print) for number in range(count)]


def _instance(
    view: View, asked: Body, order: Order, number: int, reservation: str, now: datetime, token_print: str
) -> Resource:
    first, *further = order.interfaces
    interface = _interface(view, first, order.interface_tags)
    body: Body = {
        "AmiLaunchIndex": number,
        "ClientToken": asked.get("ClientToken") or "",
        **_kind(order, now),
        **_place(asked, order, interface),
        **_options(asked),
        **order.options,
        **_own(asked, order),
        **inherited(order.image),
        "reservation": reservation,
        "interfaceId": interface.id,
        "tokenPrint": token_print,
    }
    if order.profile is not None:
        body["IamInstanceProfile"] = {"Arn": order.profile.arn, "Id": order.profile.id}
        body["profileName"] = order.profile.name
        body["profileAssociation"] = view.draw("iip-assoc")
    if order.public:
        body["publicIp"] = addresses.draw(view)
    states.begin(body, now)
    tags = dict(order.instance_tags)
    if template := asked.get("template"):
        # Documented: instances of a launch template have these tags of AWS's own.
        tags |= {
            "aws:ec2launchtemplate:id": template["id"],
            "aws:ec2launchtemplate:version": template["version"],
        }
    made = view.new(INSTANCE, body, tags=tags, parent=reservation, id_member="InstanceId")
    attach_interface(view, interface, made, now, device=first.device, keeps=first.keeps)
    for wanted in further:
        another = _interface(view, wanted, order.interface_tags)
        attach_interface(view, another, made, now, device=wanted.device, keeps=wanted.keeps)
        made.body["furtherInterfaces"] = [*made.body.get("furtherInterfaces", ()), another.id]
        view.save(made)
    _attach_disks(view, made, order, now)
    return made


def _kind(order: Order, now: datetime) -> Body:
    """Return what image and type make of it."""
    architecture = order.image["Architecture"]
    return {
        "ImageId": order.image["ImageId"],
        "InstanceType": order.instance_type,
        "Architecture": architecture,
        "BootMode": order.image.get("BootMode"),
        "CurrentInstanceBootMode": "legacy-bios" if architecture == "x86_64" else "uefi",
        "EbsOptimized": False,
        "EnaSupport": True,
        "Hypervisor": "xen",
        "VirtualizationType": "hvm",
        "RootDeviceName": order.image["RootDeviceName"],
        "RootDeviceType": "ebs",
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "UsageOperationUpdateTime": stamp(now),
        "ProductCodes": [],
    }


def _place(asked: Body, order: Order, interface: Resource) -> Body:
    """Return where it is: its zone, its subnet, its names."""
    names = asked.get("PrivateDnsNameOptions") or {}
    return {
        "Placement": {
            "AvailabilityZone": order.subnet.body["AvailabilityZone"],
            "AvailabilityZoneId": order.subnet.body["AvailabilityZoneId"],
            "GroupName": "",
            "Tenancy": "default",
        },
        "PrivateDnsName": interface.body["PrivateDnsName"],
        "PrivateDnsNameOptions": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": bool(names.get("EnableResourceNameDnsARecord")),
            "EnableResourceNameDnsAAAARecord": False,
        },
        "PrivateIpAddress": interface.body["PrivateIpAddress"],
        "SourceDestCheck": True,
        "SubnetId": order.subnet.id,
        "VpcId": order.subnet.parent,
    }


def _options(asked: Body) -> Body:
    """Return what was chosen of it, or left to AWS."""
    reservations = asked.get("CapacityReservationSpecification") or {}
    return {
        "EnclaveOptions": {"Enabled": False},
        "HibernationOptions": {"Configured": False},
        "CapacityReservationSpecification": {
            "CapacityReservationPreference": reservations.get("CapacityReservationPreference") or "open"
        },
        "MaintenanceOptions": {
            "AutoRecovery": (asked.get("MaintenanceOptions") or {}).get("AutoRecovery") or "default"
        },
        "MetadataOptions": _metadata_options(asked.get("MetadataOptions") or {}),
        "Monitoring": {"State": "enabled" if (asked.get("Monitoring") or {}).get("Enabled") else "disabled"},
    }


def _own(asked: Body, order: Order) -> Body:
    """Return what no description shows as it is kept."""
    return {
        "wantsPublic": order.public,
        "firstBoot": True,
        "protected": bool(asked.get("DisableApiTermination")),
        "stopProtected": bool(asked.get("DisableApiStop")),
        "shutdownBehavior": asked.get("InstanceInitiatedShutdownBehavior") or "stop",
    }


def _interface(view: View, wanted: Interface, tags: Mapping[str, str]) -> Resource:
    """Return the interface that is there, or one that is made with these tags."""
    if wanted.interface_id:
        return view.get(NETWORK_INTERFACE, wanted.interface_id)
    return new_interface(
        view,
        wanted.subnet,
        address=wanted.private_ip,
        secondary=wanted.secondary,
        groups=wanted.groups,
        description=wanted.description,
        tags=dict(tags),
    )


def attach_interface(
    view: View, interface: Resource, made: Resource, now: datetime, *, device: int, keeps: bool
) -> None:
    """Let an instance have an interface.

    Args:
        keeps: Whether the interface stays when the instance ends.
    """
    interface.body["Status"] = "in-use"
    interface.body["Attachment"] = {
        "AttachmentId": view.draw("eni-attach"),
        "AttachTime": stamp(now),
        "DeleteOnTermination": not keeps,
        "DeviceIndex": device,
        "NetworkCardIndex": 0,
        "InstanceId": made.id,
        "InstanceOwnerId": view.scope.account_id,
        "Status": "attached",
    }
    view.save(interface)


def _attach_disks(view: View, made: Resource, order: Order, now: datetime) -> None:
    for disk in order.disks:
        volume = new_volume(
            view,
            gib=disk.gib,
            kind=disk.kind,
            zone=order.subnet.body["AvailabilityZone"],
            at=now,
            snapshot=disk.snapshot,
            iops=disk.iops,
            throughput=disk.throughput,
            tags=dict(order.volume_tags),
        )
        if disk.device == order.image["RootDeviceName"]:
            volume.body |= inherited(order.image)  # handed on to its snapshots
        attach(view, volume, made.id, disk.device, now, ends_with_it=disk.ends_with_it)


def _metadata_options(given: Body) -> dict[str, Any]:
    # Documented: Amazon Linux 2023's images ask for IMDSv2, and so do accounts made since 2024.
    return {
        "State": "applied",
        "HttpTokens": given.get("HttpTokens") or "required",
        "HttpPutResponseHopLimit": given.get("HttpPutResponseHopLimit") or 2,
        "HttpEndpoint": given.get("HttpEndpoint") or "enabled",
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": given.get("InstanceMetadataTags") or "disabled",
    }
