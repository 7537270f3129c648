"""Kinds of resources: how their ids begin, what they are called in ARNs, tags and refusals.

Codes and words: documented in EC2's list of error codes where it has them; the words are from memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sagehen.services.ec2.errors import Ec2Error

_DIGITS = re.compile(r"[0-9a-f]{8}(?:[0-9a-f]{9})?")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource.

    Args:
        name: As tags and ARNs call it (`internet-gateway`).
        prefix: Its ids begin so, before the hyphen.
        noun: In `The vpc ID 'vpc-…' does not exist`.
        code: What `.NotFound` is put behind.
        malformed: The code for what is no id; by default `code` with `.Malformed`.
        sentence: Of the refusal, where it is another one.
    """

    name: str
    prefix: str
    noun: str
    code: str
    malformed: str = ""
    sentence: str = "The {noun} ID '{id}' does not exist"

    def not_found(self, identifier: str) -> Ec2Error:
        """Return the refusal of an id that nothing has."""
        return Ec2Error(f"{self.code}.NotFound", self.sentence.format(noun=self.noun, id=identifier))

    def check(self, identifier: str) -> None:
        """Check the form of an id.

        Raises:
            Ec2Error: `….Malformed`.
        """
        prefix, hyphen, digits = identifier.partition("-")
        if prefix != self.prefix or not hyphen or not _DIGITS.fullmatch(digits):
            code = self.malformed or f"{self.code}.Malformed"
            raise Ec2Error(code, f'Invalid id: "{identifier}" (expecting "{self.prefix}-...")')


VPC = Kind("vpc", "vpc", "vpc", "InvalidVpcID")
SUBNET = Kind("subnet", "subnet", "subnet", "InvalidSubnetID")
INTERNET_GATEWAY = Kind(
    "internet-gateway",
    "igw",
    "internetGateway",
    "InvalidInternetGatewayID",
    "InvalidInternetGatewayId.Malformed",
)
ROUTE_TABLE = Kind("route-table", "rtb", "routeTable", "InvalidRouteTableID", "InvalidRouteTableId.Malformed")
NETWORK_ACL = Kind("network-acl", "acl", "networkAcl", "InvalidNetworkAclID", "InvalidNetworkAclId.Malformed")
DHCP_OPTIONS = Kind(
    "dhcp-options", "dopt", "dhcpOption", "InvalidDhcpOptionID", "InvalidDhcpOptionsId.Malformed"
)
SECURITY_GROUP = Kind(
    *("security-group", "sg", "security group", "InvalidGroup", "InvalidGroupId.Malformed"),
    "The security group '{id}' does not exist",
)
SECURITY_GROUP_RULE = Kind(
    *("security-group-rule", "sgr", "security group rule", "InvalidSecurityGroupRuleId", ""),
    "The security group rule ID '{id}' does not exist",
)
NETWORK_INTERFACE = Kind(
    *("network-interface", "eni", "networkInterface", "InvalidNetworkInterfaceID"),
    "InvalidNetworkInterfaceId.Malformed",
)
ADDRESS = Kind(
    *("elastic-ip", "eipalloc", "allocation", "InvalidAllocationID", "InvalidAllocationID.Malformed"),
    "The allocation ID '{id}' does not exist",
)
KEY_PAIR = Kind("key-pair", "key", "key pair", "InvalidKeyPair", "", "The key pair '{id}' does not exist")
IMAGE = Kind("image", "ami", "image", "InvalidAMIID", "", "The image id '[{id}]' does not exist")
LAUNCH_TEMPLATE = Kind(
    *("launch-template", "lt", "launch template", "InvalidLaunchTemplateId", ""),
    "The specified launch template, with template ID {id}, does not exist.",
)
INSTANCE = Kind("instance", "i", "instance", "InvalidInstanceID")
VOLUME = Kind(
    "volume",
    "vol",
    "volume",
    "InvalidVolume",
    "InvalidVolumeID.Malformed",
    "The volume '{id}' does not exist.",
)
SNAPSHOT = Kind(
    *("snapshot", "snap", "snapshot", "InvalidSnapshot", "InvalidSnapshotID.Malformed"),
    "The snapshot '{id}' does not exist.",
)
# Recorded in public issues: the code and the sentence.
SPOT_REQUEST = Kind(
    *("spot-instances-request", "sir", "spot instance request", "InvalidSpotInstanceRequestID", ""),
    "The spot instance request ID '{id}' does not exist",
)

KINDS = (
    *(VPC, SUBNET, INTERNET_GATEWAY, ROUTE_TABLE, NETWORK_ACL, DHCP_OPTIONS, SECURITY_GROUP),
    *(SECURITY_GROUP_RULE, NETWORK_INTERFACE, ADDRESS, KEY_PAIR, IMAGE, LAUNCH_TEMPLATE),
    *(INSTANCE, VOLUME, SNAPSHOT, SPOT_REQUEST),
)
_BY_PREFIX = {kind.prefix: kind for kind in KINDS}
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(identifier: str) -> Kind | None:
    """Return the kind whose ids begin like this one; None for none."""
    return _BY_PREFIX.get(identifier.partition("-")[0])


def kind_named(name: str) -> Kind:
    """Return the kind of that name; it must be one of ours."""
    return _BY_NAME[name]
