"""Requests of EC2's networks that work: VPCs with what is in them, addresses, rules, templates, keys."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Request = dict[str, Any]
ZONE = {"AvailabilityZone": "us-east-1a"}


def network_requests(ec2: Any) -> dict[str, Request]:
    """Make what they need, and return them by operation."""
    vpc, other = (ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in (9, 8))
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", **ZONE)["Subnet"]["SubnetId"]
        for n in range(4)
    ]
    subnet, second, third, fourth = subnets
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return {
        **_of_vpcs(ec2, vpc, subnet, third),
        **_of_gateways(ec2, other),
        **_of_route_tables(ec2, vpc, gateway, (second, third, fourth)),
        **_of_security_groups(ec2, vpc),
        **_of_interfaces(ec2, subnet),
        **_of_launch_templates(ec2),
        **_of_keys(),
    }


def _of_vpcs(ec2: Any, vpc: str, subnet: str, deleted: str) -> dict[str, Request]:
    gone = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    return {
        "CreateSubnet": {"VpcId": vpc, "CidrBlock": "10.9.4.0/24"},
        "CreateTags": {"Resources": [vpc], "Tags": [{"Key": "k", "Value": "v"}]},
        "CreateVpc": {"CidrBlock": "10.6.0.0/16"},
        "DeleteSubnet": {"SubnetId": deleted},
        "DeleteTags": {"Resources": [vpc], "Tags": [{"Key": "k"}]},
        "DeleteVpc": {"VpcId": gone},
        "DescribeVpcAttribute": {"VpcId": vpc, "Attribute": "enableDnsSupport"},
        "ModifySubnetAttribute": {"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": True}},
        "ModifyVpcAttribute": {"VpcId": vpc, "EnableDnsHostnames": {"Value": True}},
    }


def _of_gateways(ec2: Any, vpc: str) -> dict[str, Request]:
    free, spare = (ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"] for _ in range(2))
    return {
        "AttachInternetGateway": {"InternetGatewayId": free, "VpcId": vpc},
        "DeleteInternetGateway": {"InternetGatewayId": spare},
        "DetachInternetGateway": {"InternetGatewayId": free, "VpcId": vpc},
    }


def _of_route_tables(ec2: Any, vpc: str, gateway: str, subnets: tuple[str, str, str]) -> dict[str, Request]:
    second, third, fourth = subnets
    table, unused = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="12.0.0.0/8", GatewayId=gateway)
    association, replaced = (
        ec2.associate_route_table(RouteTableId=table, SubnetId=each)["AssociationId"]
        for each in (second, fourth)
    )
    leading = {"RouteTableId": table, "GatewayId": gateway}
    return {
        "AssociateRouteTable": {"RouteTableId": table, "SubnetId": third},
        "CreateRoute": {**leading, "DestinationCidrBlock": "11.0.0.0/8"},
        "CreateRouteTable": {"VpcId": vpc},
        "DeleteRoute": {"RouteTableId": table, "DestinationCidrBlock": "12.0.0.0/8"},
        "DeleteRouteTable": {"RouteTableId": unused},
        "DisassociateRouteTable": {"AssociationId": association},
        "ReplaceRoute": {**leading, "DestinationCidrBlock": "12.0.0.0/8"},
        "ReplaceRouteTableAssociation": {"RouteTableId": table, "AssociationId": replaced},
    }


def _of_security_groups(ec2: Any, vpc: str) -> dict[str, Request]:
    group, empty = (
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
        for name in ("members", "empty")
    )
    rules = {"GroupId": group, "IpPermissions": [_rule(22), _rule(23)]}
    ingress, kept = (
        rule["SecurityGroupRuleId"]
        for rule in ec2.authorize_security_group_ingress(**rules)["SecurityGroupRules"]
    )
    ec2.authorize_security_group_egress(**rules)
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIpv4": "1.0.0.0/8"}
    return {
        "AuthorizeSecurityGroupEgress": {"GroupId": group, "IpPermissions": [_rule(1)]},
        "AuthorizeSecurityGroupIngress": {"GroupId": group, "IpPermissions": [_rule(1)]},
        "DeleteSecurityGroup": {"GroupId": empty},
        "GetSecurityGroupsForVpc": {"VpcId": vpc},
        "ModifySecurityGroupRules": {
            "GroupId": group,
            "SecurityGroupRules": [{"SecurityGroupRuleId": ingress, "SecurityGroupRule": rule}],
        },
        "RevokeSecurityGroupEgress": {"GroupId": group, "IpPermissions": [_rule(22)]},
        "RevokeSecurityGroupIngress": {"GroupId": group, "SecurityGroupRuleIds": [ingress]},
        "UpdateSecurityGroupRuleDescriptionsEgress": {"GroupId": group, "IpPermissions": [_rule(23)]},
        "UpdateSecurityGroupRuleDescriptionsIngress": {
            "GroupId": group,
            "SecurityGroupRuleDescriptions": [{"SecurityGroupRuleId": kept, "Description": "d"}],
        },
    }


def _of_interfaces(ec2: Any, subnet: str) -> dict[str, Request]:
    interface, idle = (
        ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
        for _ in range(2)
    )
    address, released = (ec2.allocate_address()["AllocationId"] for _ in range(2))
    return {
        "AssociateAddress": {"AllocationId": address, "NetworkInterfaceId": interface},
        "CreateNetworkInterface": {"SubnetId": subnet},
        "DeleteNetworkInterface": {"NetworkInterfaceId": idle},
        "DescribeNetworkInterfaceAttribute": {"NetworkInterfaceId": interface, "Attribute": "description"},
        "DisassociateAddress": {
            "PublicIp": ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]["PublicIp"]
        },
        "ModifyNetworkInterfaceAttribute": {"NetworkInterfaceId": interface, "Description": {"Value": "d"}},
        "ReleaseAddress": {"AllocationId": released},
    }


def _of_launch_templates(ec2: Any) -> dict[str, Request]:
    template, useless = {"LaunchTemplateName": "members"}, {"LaunchTemplateName": "useless"}
    for each in (template, useless):
        ec2.create_launch_template(**each, LaunchTemplateData={"InstanceType": "t3.micro"})
    return {
        "DeleteLaunchTemplate": useless,
        "DeleteLaunchTemplateVersions": {**template, "Versions": ["2"]},
        "DescribeLaunchTemplateVersions": template,
        "ModifyLaunchTemplate": {**template, "DefaultVersion": "1"},
    }


def _of_keys() -> dict[str, Request]:
    key = Ed25519PrivateKey.generate().public_key()
    ssh = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return {
        "DeleteKeyPair": {"KeyName": "none"},
        "ImportKeyPair": {"KeyName": "imported", "PublicKeyMaterial": ssh},
    }


def _rule(port: int) -> Request:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "203.0.113.0/24"}]}
