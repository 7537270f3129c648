"""What becomes of an instance's parts when it ends for good."""

from __future__ import annotations

from datetime import datetime

from sagehen.services.ec2.instances.addresses import further_interfaces
from sagehen.services.ec2.network.addresses.association import disassociate, leading_to
from sagehen.services.ec2.resources.kinds import NETWORK_INTERFACE
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.spot import requests as spot
from sagehen.services.ec2.volumes.volumes import detach, volumes_of

# What a terminated instance is shown without (recorded: outputs of describe-instances).
_GONE = ("PrivateIpAddress", "SubnetId", "VpcId", "IamInstanceProfile")


def ending_with(view: View, instance: Resource) -> list[str]:
    """Return the ids of the volumes that end with an instance."""
    return [volume.id for volume in volumes_of(view, instance.id) if _ends_with_it(volume)]


def ended_for_good(view: View, instance: Resource, now: datetime) -> None:
    """Free what it has: interfaces, addresses, volumes; the disks of volumes that end with it are gone."""
    first = view.find(NETWORK_INTERFACE, instance.body["interfaceId"])
    for interface in (*((first,) if first else ()), *further_interfaces(view, instance.body)):
        attachment = interface.body.pop("Attachment", {})
        interface.body["Status"] = "available"
        view.save(interface)
        if attachment.get("DeleteOnTermination"):
            for address in leading_to(view, interface):
                disassociate(view, address)
            view.remove(interface)
    for volume in volumes_of(view, instance.id):
        if _ends_with_it(volume):
            view.remove(volume)
        else:
            detach(view, volume)
    spot.ended(view, instance, now)
    for member in (*_GONE, "profileName", "profileAssociation", "userData", "furtherInterfaces"):
        instance.body.pop(member, None)
    instance.body["PrivateDnsName"] = ""


def _ends_with_it(volume: Resource) -> bool:
    return any(item["DeleteOnTermination"] for item in volume.body["Attachments"])
