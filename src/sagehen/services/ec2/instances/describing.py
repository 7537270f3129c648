"""An instance as DescribeInstances shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.services.ec2.instance_types.families import family_of
from sagehen.services.ec2.instance_types.operations import ec2_types
from sagehen.services.ec2.instances import addresses
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.network.addresses.association import leading_to
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.volumes.volumes import mappings


def described(view: View, instance: Resource) -> Body:
    """Describe an instance; what its interface and its volumes know of it is read there."""
    body, region = instance.body, view.scope.region
    interface = addresses.interface_of(view, body)
    gone = states.name_of(body) == "terminated"
    public = "" if gone else addresses.public_address(view, body)
    kind = ec2_types()[body["InstanceType"]]
    threads = 1 if family_of(kind.name).architecture == "arm64" or kind.vcpus == 1 else 2
    shown = {
        **instance.shown(),
        "PublicDnsName": addresses.public_name(public, region),
        "StateTransitionReason": body.get("StateTransitionReason", ""),
        "CpuOptions": {"CoreCount": kind.vcpus // threads, "ThreadsPerCore": threads},
        "BlockDeviceMappings": mappings(view, instance.id),
        "SecurityGroups": interface.body["Groups"] if interface and not gone else [],
        "NetworkInterfaces": [
            _interface(view, interface, public),
            *(_interface(view, each, "") for each in addresses.further_interfaces(view, body)),
        ]
        if interface and not gone
        else [],
    }
    if public:
        shown["PublicIpAddress"] = public
    return shown


def _interface(view: View, interface: Resource, public: str) -> Body:
    body = interface.body
    attachment = body.get("Attachment") or {}
    association = {}
    if public:
        elastic = bool(leading_to(view, interface))
        association = {
            "Association": {
                "IpOwnerId": view.scope.account_id if elastic else "amazon",
                "PublicDnsName": addresses.public_name(public, view.scope.region),
                "PublicIp": public,
            }
        }
    return {
        **association,
        "Attachment": {
            name: attachment.get(name)
            for name in (
                *("AttachTime", "AttachmentId", "DeleteOnTermination", "DeviceIndex", "Status"),
                "NetworkCardIndex",
            )
        },
        "Description": body["Description"],
        "Groups": body["Groups"],
        "Ipv6Addresses": [],
        "MacAddress": body["MacAddress"],
        "NetworkInterfaceId": interface.id,
        "OwnerId": body["OwnerId"],
        "PrivateDnsName": body["PrivateDnsName"],
        "PrivateIpAddress": body["PrivateIpAddress"],
        "PrivateIpAddresses": [
            {**item, **(association if item["Primary"] else {})} for item in body["PrivateIpAddresses"]
        ],
        "SourceDestCheck": body["SourceDestCheck"],
        "Status": body["Status"],
        "SubnetId": body["SubnetId"],
        "VpcId": body["VpcId"],
        "InterfaceType": "interface",
    }


def reservation(view: View, instances: Sequence[Resource]) -> dict[str, Any]:
    """Describe the instances of one RunInstances."""
    return {
        "ReservationId": instances[0].body["reservation"],
        "OwnerId": view.scope.account_id,
        "Groups": [],
        "Instances": [described(view, instance) for instance in instances],
    }
