"""Requests of EC2 that work: on a network, a machine that is stopped, its disk, and what is made of that."""

from __future__ import annotations

import itertools
import time
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Request = dict[str, Any]
ZONE = {"AvailabilityZone": "us-east-1a"}
_numbers = itertools.count(1)


def machine_requests(ec2: Any) -> dict[str, Request]:
    """Make what they need, and return them by operation."""
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    wanted = {"ImageId": image["ImageId"], "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    instance = ec2.run_instances(**wanted)["Instances"][0]["InstanceId"]
    _waited(ec2, instance, "running")
    ec2.stop_instances(InstanceIds=[instance], SkipOsShutdown=True)
    _waited(ec2, instance, "stopped")
    volume, deleted, held = (ec2.create_volume(**ZONE, Size=1)["VolumeId"] for _ in range(3))
    ec2.attach_volume(InstanceId=instance, VolumeId=held, Device="/dev/sdh")
    snapshot, unused = (ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(2))
    while ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["State"] == "pending":
        time.sleep(0.02)
    root = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}
    registered = {
        "Architecture": "x86_64", "VirtualizationType": "hvm", "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [root],
    }  # fmt: skip
    own = ec2.register_image(Name="members", **registered)["ImageId"]
    launch = {name: wanted[name] for name in ("ImageId", "InstanceType")}
    cheap = ec2.request_spot_instances(SpotPrice="0.002", LaunchSpecification=launch)
    request = cheap["SpotInstanceRequests"][0]["SpotInstanceRequestId"]
    named = {"InstanceId": instance}
    place = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["SubnetId"]
    free, held_too = (
        ec2.create_network_interface(SubnetId=place)["NetworkInterface"]["NetworkInterfaceId"]
        for _ in range(2)
    )
    attachment = ec2.attach_network_interface(**named, NetworkInterfaceId=held_too, DeviceIndex=2)[
        "AttachmentId"
    ]
    return {
        **_of_networks(ec2),
        "AttachNetworkInterface": {**named, "NetworkInterfaceId": free, "DeviceIndex": 1},
        "DetachNetworkInterface": {"AttachmentId": attachment},
        "AttachVolume": {**named, "VolumeId": volume, "Device": "/dev/sdf"},
        "CopyImage": {"SourceImageId": image["ImageId"], "SourceRegion": "us-east-1", "Name": "copy"},
        "CopySnapshot": {"SourceSnapshotId": snapshot, "SourceRegion": "us-east-1"},
        "CreateImage": {**named, "Name": "image"},
        "CreateSnapshot": {"VolumeId": volume},
        "CreateSnapshots": {"InstanceSpecification": named},
        "CreateVolume": {**ZONE, "Size": 1},
        "DeleteSnapshot": {"SnapshotId": unused},
        "DeleteVolume": {"VolumeId": deleted},
        "DeregisterImage": {"ImageId": own},
        "DescribeImageAttribute": {"ImageId": own, "Attribute": "description"},
        "DescribeInstanceAttribute": {**named, "Attribute": "instanceType"},
        "DescribeSnapshotAttribute": {"SnapshotId": snapshot, "Attribute": "createVolumePermission"},
        "DetachVolume": {"VolumeId": held},
        "GetConsoleOutput": named,
        "ModifyImageAttribute": {"ImageId": own, "Description": {"Value": "d"}},
        "ModifyInstanceAttribute": {**named, "DisableApiStop": {"Value": False}},
        "ModifyInstanceMetadataOptions": named,
        "ModifySnapshotAttribute": {
            "SnapshotId": snapshot,
            "CreateVolumePermission": {"Add": [{"Group": "all"}]},
        },
        "ModifyVolume": {"VolumeId": volume, "Size": 1},
        "MonitorInstances": {"InstanceIds": [instance]},
        "RegisterImage": {"Name": "registered", **registered},
        # So cheap that no machine is started for it.
        "RequestSpotInstances": {
            "LaunchSpecification": launch,
            "SpotPrice": "0.002",
        },
        "CancelSpotInstanceRequests": {"SpotInstanceRequestIds": [request]},
        "ResetImageAttribute": {"ImageId": own, "Attribute": "launchPermission"},
        "ResetSnapshotAttribute": {"SnapshotId": snapshot, "Attribute": "createVolumePermission"},
        "StopInstances": {"InstanceIds": [instance]},
        "TerminateInstances": {"InstanceIds": [instance]},
        "UnmonitorInstances": {"InstanceIds": [instance]},
    }


def _waited(ec2: Any, instance: str, state: str) -> None:
    shown = {"Name": "pending"}
    while shown["Name"] not in (state, "terminated"):
        time.sleep(0.02)
        [found] = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
        shown = found["State"]
    assert shown["Name"] == state, found["StateReason"]


def _of_networks(ec2: Any) -> dict[str, Request]:
    vpc, other = (ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in (9, 8))
    gone = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet, second, third, fourth = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", **ZONE)["Subnet"]["SubnetId"]
        for n in range(4)
    )
    gateway, free, spare = (
        ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"] for _ in range(3)
    )
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table, unused = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="12.0.0.0/8", GatewayId=gateway)
    association, replaced = (
        ec2.associate_route_table(RouteTableId=table, SubnetId=each)["AssociationId"]
        for each in (second, fourth)
    )
    group, empty = (
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
        for name in ("members", "empty")
    )
    interface, idle = (
        ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
        for _ in range(2)
    )
    address, released = (ec2.allocate_address()["AllocationId"] for _ in range(2))
    rules = {"GroupId": group, "IpPermissions": [_rule(22), _rule(23)]}
    ingress, kept = (
        rule["SecurityGroupRuleId"]
        for rule in ec2.authorize_security_group_ingress(**rules)["SecurityGroupRules"]
    )
    ec2.authorize_security_group_egress(**rules)
    template, useless = {"LaunchTemplateName": "members"}, {"LaunchTemplateName": "useless"}
    for each in (template, useless):
        ec2.create_launch_template(**each, LaunchTemplateData={"InstanceType": "t3.micro"})
    key = Ed25519PrivateKey.generate().public_key()
    ssh = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIpv4": "1.0.0.0/8"}
    return {
        "AssociateAddress": {"AllocationId": address, "NetworkInterfaceId": interface},
        "AssociateRouteTable": {"RouteTableId": table, "SubnetId": third},
        "AttachInternetGateway": {"InternetGatewayId": free, "VpcId": other},
        "AuthorizeSecurityGroupEgress": {"GroupId": group, "IpPermissions": [_rule(1)]},
        "AuthorizeSecurityGroupIngress": {"GroupId": group, "IpPermissions": [_rule(1)]},
        "CreateNetworkInterface": {"SubnetId": subnet},
        "CreateRoute": {"RouteTableId": table, "GatewayId": gateway, "DestinationCidrBlock": "11.0.0.0/8"},
        "CreateRouteTable": {"VpcId": vpc},
        "CreateSubnet": {"VpcId": vpc, "CidrBlock": "10.9.4.0/24"},
        "CreateTags": {"Resources": [vpc], "Tags": [{"Key": "k", "Value": "v"}]},
        "CreateVpc": {"CidrBlock": "10.6.0.0/16"},
        "DeleteInternetGateway": {"InternetGatewayId": spare},
        "DeleteKeyPair": {"KeyName": "none"},
        "DeleteLaunchTemplate": useless,
        "DeleteLaunchTemplateVersions": {**template, "Versions": ["2"]},
        "DeleteNetworkInterface": {"NetworkInterfaceId": idle},
        "DeleteRoute": {"RouteTableId": table, "DestinationCidrBlock": "12.0.0.0/8"},
        "DeleteRouteTable": {"RouteTableId": unused},
        "DeleteSecurityGroup": {"GroupId": empty},
        "DeleteSubnet": {"SubnetId": third},
        "DeleteTags": {"Resources": [vpc], "Tags": [{"Key": "k"}]},
        "DeleteVpc": {"VpcId": gone},
        "DescribeLaunchTemplateVersions": template,
        "DescribeNetworkInterfaceAttribute": {"NetworkInterfaceId": interface, "Attribute": "description"},
        "DescribeVpcAttribute": {"VpcId": vpc, "Attribute": "enableDnsSupport"},
        "DetachInternetGateway": {"InternetGatewayId": free, "VpcId": other},
        "DisassociateAddress": {
            "PublicIp": ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]["PublicIp"]
        },
        "DisassociateRouteTable": {"AssociationId": association},
        "GetSecurityGroupsForVpc": {"VpcId": vpc},
        "ImportKeyPair": {"KeyName": "imported", "PublicKeyMaterial": ssh},
        "ModifyLaunchTemplate": {**template, "DefaultVersion": "1"},
        "ModifyNetworkInterfaceAttribute": {"NetworkInterfaceId": interface, "Description": {"Value": "d"}},
        "ModifySecurityGroupRules": {
            "GroupId": group,
            "SecurityGroupRules": [{"SecurityGroupRuleId": ingress, "SecurityGroupRule": rule}],
        },
        "ModifySubnetAttribute": {"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": True}},
        "ModifyVpcAttribute": {"VpcId": vpc, "EnableDnsHostnames": {"Value": True}},
        "ReleaseAddress": {"AllocationId": released},
        "ReplaceRoute": {"RouteTableId": table, "GatewayId": gateway, "DestinationCidrBlock": "12.0.0.0/8"},
        "ReplaceRouteTableAssociation": {"RouteTableId": table, "AssociationId": replaced},
        "RevokeSecurityGroupEgress": {"GroupId": group, "IpPermissions": [_rule(22)]},
        "RevokeSecurityGroupIngress": {"GroupId": group, "SecurityGroupRuleIds": [ingress]},
        "UpdateSecurityGroupRuleDescriptionsEgress": {"GroupId": group, "IpPermissions": [_rule(23)]},
        "UpdateSecurityGroupRuleDescriptionsIngress": {
            "GroupId": group,
            "SecurityGroupRuleDescriptions": [{"SecurityGroupRuleId": kept, "Description": "d"}],
        },
    }


def renewed(operation: str, request: Request) -> Request:
    """Return a request with what only one may have."""
    number = next(_numbers)
    if operation in ("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"):
        permission = {**request["IpPermissions"][0], "FromPort": number, "ToPort": 20000 + number}
        return {**request, "IpPermissions": [permission]}
    block = f"10.9.{5 + number // 16}.{number % 16 * 16}/28"
    if operation == "CreateSubnet":
        return {**request, "CidrBlock": block}
    if operation == "CreateRoute":
        return {**request, "DestinationCidrBlock": block.replace("10.9", "11.9")}
    if operation in ("CopyImage", "CreateImage", "RegisterImage"):
        return {**request, "Name": f"fresh{number}"}
    return request


def _rule(port: int) -> Request:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "203.0.113.0/24"}]}
