"""DescribeInstances, DescribeInstanceStatus.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html (filters)
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.instances.describing import described
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import INSTANCE
from sagehen.services.ec2.resources.listing import asked_for, check_page, numbered, page
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View

_FILTERS = {
    "architecture": "Architecture",
    "availability-zone": "Placement.AvailabilityZone",
    "availability-zone-id": "Placement.AvailabilityZoneId",
    "block-device-mapping.attach-time": "BlockDeviceMappings.Ebs.AttachTime",
    "block-device-mapping.delete-on-termination": "BlockDeviceMappings.Ebs.DeleteOnTermination",
    "block-device-mapping.device-name": "BlockDeviceMappings.DeviceName",
    "block-device-mapping.status": "BlockDeviceMappings.Ebs.Status",
    "block-device-mapping.volume-id": "BlockDeviceMappings.Ebs.VolumeId",
    "boot-mode": "BootMode",
    "client-token": "ClientToken",
    "current-instance-boot-mode": "CurrentInstanceBootMode",
    "dns-name": "PublicDnsName",
    "ebs-optimized": "EbsOptimized",
    "ena-support": "EnaSupport",
    "enclave-options.enabled": "EnclaveOptions.Enabled",
    "hibernation-options.configured": "HibernationOptions.Configured",
    "hypervisor": "Hypervisor",
    "iam-instance-profile.arn": "IamInstanceProfile.Arn",
    "iam-instance-profile.id": "IamInstanceProfile.Id",
    "image-id": "ImageId",
    "instance-id": "InstanceId",
    "instance-lifecycle": "InstanceLifecycle",
    "instance-state-code": "State.Code",
    "instance-state-name": "State.Name",
    "instance-type": "InstanceType",
    "instance.group-id": "SecurityGroups.GroupId",
    "instance.group-name": "SecurityGroups.GroupName",
    "ip-address": "PublicIpAddress",
    "key-name": "KeyName",
    "launch-index": "AmiLaunchIndex",
    "launch-time": "LaunchTime",
    "maintenance-options.auto-recovery": "MaintenanceOptions.AutoRecovery",
    "metadata-options.http-endpoint": "MetadataOptions.HttpEndpoint",
    "metadata-options.http-protocol-ipv4": "MetadataOptions.HttpEndpoint",
    "metadata-options.http-put-response-hop-limit": "MetadataOptions.HttpPutResponseHopLimit",
    "metadata-options.http-tokens": "MetadataOptions.HttpTokens",
    "metadata-options.instance-metadata-tags": "MetadataOptions.InstanceMetadataTags",
    "monitoring-state": "Monitoring.State",
    "network-interface.addresses.association.public-ip": "NetworkInterfaces.Association.PublicIp",
    "network-interface.addresses.private-ip-address": "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress",
    "network-interface.association.public-ip": "NetworkInterfaces.Association.PublicIp",
    "network-interface.attachment.attachment-id": "NetworkInterfaces.Attachment.AttachmentId",
    "network-interface.availability-zone": "Placement.AvailabilityZone",
    "network-interface.description": "NetworkInterfaces.Description",
    "network-interface.group-id": "NetworkInterfaces.Groups.GroupId",
    "network-interface.group-name": "NetworkInterfaces.Groups.GroupName",
    "network-interface.mac-address": "NetworkInterfaces.MacAddress",
    "network-interface.network-interface-id": "NetworkInterfaces.NetworkInterfaceId",
    "network-interface.private-dns-name": "NetworkInterfaces.PrivateDnsName",
    "network-interface.status": "NetworkInterfaces.Status",
    "network-interface.subnet-id": "NetworkInterfaces.SubnetId",
    "network-interface.vpc-id": "NetworkInterfaces.VpcId",
    "owner-id": "owner",
    "placement-group-name": "Placement.GroupName",
    "platform-details": "PlatformDetails",
    "private-dns-name": "PrivateDnsName",
    "private-ip-address": "PrivateIpAddress",
    "reason": "StateTransitionReason",
    "reservation-id": "reservation",
    "root-device-name": "RootDeviceName",
    "root-device-type": "RootDeviceType",
    "source-dest-check": "SourceDestCheck",
    "spot-instance-request-id": "SpotInstanceRequestId",
    "state-reason-code": "StateReason.Code",
    "state-reason-message": "StateReason.Message",
    "subnet-id": "SubnetId",
    "tenancy": "Placement.Tenancy",
    "usage-operation": "UsageOperation",
    "virtualization-type": "VirtualizationType",
    "vpc-id": "VpcId",
}
_STATUS_FILTERS = {
    "availability-zone": "AvailabilityZone",
    "availability-zone-id": "AvailabilityZoneId",
    "instance-state-code": "InstanceState.Code",
    "instance-state-name": "InstanceState.Name",
    "instance-status.reachability": "InstanceStatus.Details.Status",
    "instance-status.status": "InstanceStatus.Status",
    "system-status.reachability": "SystemStatus.Details.Status",
    "system-status.status": "SystemStatus.Status",
}


class Listing:
    """What instances there are, and how they are.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self.state = parts.state

    @action("DescribeInstances")
    async def describe_instances(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of reservations with their instances.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `InvalidInstanceID.Malformed`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken, FilterLimitExceeded.
        """
        check_page(request, "InstanceIds")

        def work(view: View) -> Reply:
            rows = [
                {
                    **described(view, row),
                    "reservation": row.body["reservation"],
                    "owner": view.scope.account_id,
                    "": row.number,
                }
                for row in asked_for(view, INSTANCE, request.get("InstanceIds"))
            ]
            cut = page(select(rows, request.get("Filters"), _FILTERS), request, "Instances", "instances")
            return Reply(
                {
                    "Reservations": _reservations(cut.result["Instances"]),
                    "NextToken": cut.result["NextToken"],
                },
                is_large=cut.is_large,
            )

        return await self.state.read(context.scope, work)

    @action("DescribeInstanceStatus")
    async def describe_instance_status(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of status checks: of running instances, of all where IncludeAllInstances is true.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `InvalidInstanceID.Malformed`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken.
        """
        check_page(request, "InstanceIds")
        every = request.get("IncludeAllInstances")

        def work(view: View) -> Reply:
            rows = [
                {**_status(row), "": row.number}
                for row in asked_for(view, INSTANCE, request.get("InstanceIds"))
                if every or states.name_of(row.body) == "running"
            ]
            shown = select(rows, request.get("Filters"), _STATUS_FILTERS)
            return page(shown, request, "InstanceStatuses", "instance-status")

        return await self.state.read(context.scope, work)

    @action("DescribeInstanceCreditSpecifications")
    async def describe_credits(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of instances of burstable types; their processors are never throttled here.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `InvalidInstanceID.Malformed`.
        """
        check_page(request, "InstanceIds")

        def work(view: View) -> Reply:
            rows = asked_for(view, INSTANCE, request.get("InstanceIds"))
            shown = [
                {
                    "InstanceId": row.id,
                    "CpuCredits": "standard" if row.body["InstanceType"].startswith("t2.") else "unlimited",
                }
                for row in rows
                if row.body["InstanceType"].startswith("t")
            ]
            chosen = select(shown, request.get("Filters"), {"instance-id": "InstanceId"})
            return page(numbered(chosen), request, "InstanceCreditSpecifications", "credits")

        return await self.state.read(context.scope, work)


def _reservations(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for identifier, rows in groupby(instances, key=lambda item: item["reservation"]):
        several = list(rows)
        owner = several[0]["owner"]
        for item in several:
            del item["reservation"], item["owner"]
        found.append({"ReservationId": identifier, "OwnerId": owner, "Groups": [], "Instances": several})
    return found


def _status(row: Resource) -> dict[str, Any]:
    running = states.name_of(row.body) == "running"
    checks = row.body.get("checks", "initializing") if running else "not-applicable"
    summary: dict[str, Any] = {"Status": checks}
    if running:
        summary["Details"] = [
            {"Name": "reachability", "Status": "passed" if checks == "ok" else "initializing"}
        ]
    return {
        "AvailabilityZone": row.body["Placement"]["AvailabilityZone"],
        "AvailabilityZoneId": row.body["Placement"]["AvailabilityZoneId"],
        "InstanceId": row.id,
        "InstanceState": row.body["State"],
        "InstanceStatus": summary,
        "SystemStatus": summary,
        "Events": [],
    }
