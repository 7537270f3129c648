"""The tree of an instance's metadata, as data. Pure.

Categories: EC2 User Guide, "Instance metadata categories". A folder lists what is in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.services.ec2.hosts.host import FurtherInterface, Wanted
from sagehen.services.ec2.regions.table import zone

# Texts, or folders of them.
Node = Any


def metadata(
    wanted: Wanted,
    role: Mapping[str, str] | None = None,
    profile: Mapping[str, str] | None = None,
    spot_action: tuple[str, str] | None = None,
) -> Mapping[str, Node]:
    """Return what is below `latest/meta-data`.

    Args:
        role: Name of the role -> its credentials' document; None without a role.
        profile: `info` -> the document of the instance profile.
        spot_action: (action, ISO 8601 time), once it was announced.
    """
    groups = _groups(wanted)
    macs: dict[str, Node] = {each.mac: _further(wanted, each) for each in wanted.interfaces}
    macs[wanted.mac] = _interface(wanted, groups)
    tree: dict[str, Node] = {
        "ami-id": wanted.image_id,
        "ami-launch-index": "0",
        "ami-manifest-path": "(unknown)",
        "block-device-mapping": _devices(wanted),
        "events": {"maintenance": {"history": "[]", "scheduled": "[]"}},
        "hostname": wanted.host_name,
        "instance-action": "none",
        "instance-id": wanted.instance_id,
        "instance-life-cycle": wanted.market,
        "instance-type": wanted.instance_type,
        "local-hostname": wanted.host_name,
        "local-ipv4": wanted.private_ip,
        "mac": wanted.mac,
        "network": {"interfaces": {"macs": macs}},
        "placement": _placement(wanted),
        "profile": "default-hvm",
        "reservation-id": wanted.reservation_id,
        "security-groups": "\n".join(groups),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if wanted.public_name:
        tree["public-hostname"] = wanted.public_name
    if wanted.address is not None:
        tree["public-ipv4"] = wanted.address
    if wanted.key_name is not None and wanted.authorized_keys:
        # Listed as `0=name`, and found below `0`.
        tree["public-keys"] = {f"0={wanted.key_name}": {"openssh-key": wanted.authorized_keys[0]}}
    if role is not None:
        tree["iam"] = {**(profile or {}), "security-credentials": role}
    if wanted.metadata.tags:
        tree["tags"] = {"instance": dict(wanted.tags)}
    if spot_action is not None:
        action, time = spot_action
        notice: dict[str, Node] = {"instance-action": json.dumps({"action": action, "time": time})}
        tree["spot"] = notice | ({"termination-time": time} if action == "terminate" else {})
    return tree


def found(tree: Mapping[str, Node], words: list[str]) -> str | None:
    """Return the text at a path, or the list of a folder; None where there is neither."""
    node: Node = tree
    for word in words:
        if isinstance(node, str):
            return None
        inner = node.get(word)
        if inner is None:
            inner = next((each for name, each in node.items() if name.startswith(f"{word}=")), None)
        if inner is None:
            return None
        node = inner
    return node if isinstance(node, str) else listing(node)


def listing(folder: Mapping[str, Node]) -> str:
    """Return the names in a folder."""
    return "\n".join(
        name if isinstance(node, str) or "=" in name else f"{name}/" for name, node in sorted(folder.items())
    )


def identity_document(wanted: Wanted) -> str:
    """Return the instance identity document. Members: EC2 User Guide, "Instance identity documents"."""
    document = {
        "accountId": wanted.scope.account_id,
        "architecture": "x86_64",
        "availabilityZone": wanted.availability_zone,
        "billingProducts": None,
        "devpayProductCodes": None,
        "marketplaceProductCodes": None,
        "imageId": wanted.image_id,
        "instanceId": wanted.instance_id,
        "instanceType": wanted.instance_type,
        "kernelId": None,
        "pendingTime": wanted.launched_at,
        "privateIp": wanted.private_ip,
        "ramdiskId": None,
        "region": wanted.scope.region,
        "version": "2017-09-30",
    }
    return json.dumps(document, indent=2, separators=(",", " : "))


def _placement(wanted: Wanted) -> dict[str, Node]:
    found_zone = zone(wanted.scope.region, name=wanted.availability_zone)
    placement = {"availability-zone": wanted.availability_zone, "region": wanted.scope.region}
    return placement | ({} if found_zone is None else {"availability-zone-id": found_zone.id})


def _groups(wanted: Wanted) -> dict[str, str]:
    """Return the groups' ids by name, whichever way they are given."""
    return {
        (value if name.startswith("sg-") and not value.startswith("sg-") else name): (
            name if name.startswith("sg-") and not value.startswith("sg-") else value
        )
        for name, value in wanted.security_groups.items()
    }


def _devices(wanted: Wanted) -> dict[str, Node]:
    root = wanted.root.device
    devices: dict[str, Node] = {"ami": root, "root": root}
    for number, volume in enumerate(wanted.volumes, 1):
        devices[f"ebs{number}"] = volume.device.removeprefix("/dev/")
    return devices


def _further(wanted: Wanted, interface: FurtherInterface) -> dict[str, Node]:
    return {
        "device-number": str(interface.device),
        "local-hostname": interface.host_name,
        "local-ipv4s": interface.private_ip,
        "mac": interface.mac,
        "owner-id": wanted.scope.account_id,
        "security-group-ids": "\n".join(interface.security_groups.values()),
        "security-groups": "\n".join(interface.security_groups),
        "subnet-id": interface.subnet_id,
        "vpc-id": interface.vpc_id,
    }


def _interface(wanted: Wanted, groups: Mapping[str, str]) -> dict[str, Node]:
    interface: dict[str, Node] = {
        "device-number": "0",
        "local-hostname": wanted.host_name,
        "local-ipv4s": wanted.private_ip,
        "mac": wanted.mac,
        "owner-id": wanted.scope.account_id,
        "security-group-ids": "\n".join(groups.values()),
        "security-groups": "\n".join(groups),
        "subnet-id": wanted.subnet_id,
        "vpc-id": wanted.vpc_id,
    }
    if wanted.public_name:
        interface["public-hostname"] = wanted.public_name
    if wanted.address is not None:
        interface["public-ipv4s"] = wanted.address
        interface["ipv4-associations"] = {wanted.address: wanted.private_ip}
    return interface
