"""The life of machines: what is asked for, what runs, what is told of it."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from tests.unit.ec2.conftest import ROOT, SCOPE
from tests.unit.ec2.instances.conftest import BASE, IMAGE, MachineHouse


async def test_from_pending_to_terminated(house: MachineHouse) -> None:
    made = await house.call(
        "RunInstances",
        **{**BASE, "MaxCount": 2},
        IamInstanceProfile={"Name": "trainer"},
        UserData=base64.b64encode(b"#!/bin/sh\n").decode(),
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "w"}]}],
    )
    first, second = made["Instances"]
    assert first["State"] == {"Code": 0, "Name": "pending"}
    assert [first["AmiLaunchIndex"], second["AmiLaunchIndex"]] == [0, 1]
    identifier = first["InstanceId"]
    shown = await house.reaches(identifier, "running")
    host = house.machines.hosts[identifier]
    assert host.wanted.user_data == b"#!/bin/sh\n"
    assert host.wanted.role_arn == "arn:aws:iam::123456789012:role/trainer"
    assert host.wanted.address == shown["PublicIpAddress"] == house.doors.open_at[identifier]
    assert shown["PublicIpAddress"].startswith("127.")
    assert shown["PrivateIpAddress"] == shown["NetworkInterfaces"][0]["PrivateIpAddress"]
    assert [item["DeviceName"] for item in shown["BlockDeviceMappings"]] == [shown["RootDeviceName"]]
    status = await house.call("DescribeInstanceStatus", InstanceIds=[identifier])
    assert status["InstanceStatuses"][0]["InstanceStatus"]["Status"] == "initializing"
    host.booted.set()
    async with asyncio.timeout(60):
        while status["InstanceStatuses"][0]["InstanceStatus"]["Status"] != "ok":
            await asyncio.sleep(0.002)
            status = await house.call("DescribeInstanceStatus", InstanceIds=[identifier])

    stopping = await house.call("StopInstances", InstanceIds=[identifier])
    assert stopping["StoppingInstances"][0]["PreviousState"]["Name"] == "running"
    stopped = await house.reaches(identifier, "stopped")
    assert "PublicIpAddress" not in stopped
    assert stopped["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert stopped["StateTransitionReason"].startswith("User initiated (20")
    assert host.stopped is not None
    await house.call("StartInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "running")
    again = house.machines.hosts[identifier]
    assert again is not host and not again.wanted.first_boot and again.wanted.root == host.wanted.root

    await house.call("TerminateInstances", InstanceIds=[identifier])
    gone = await house.reaches(identifier, "terminated")
    assert "PrivateIpAddress" not in gone and gone["BlockDeviceMappings"] == []
    assert len(house.machines.disks) == 1  # the second instance's
    output = await house.call("GetConsoleOutput", InstanceId=identifier)
    assert base64.b64decode(output["Output"]).count(b"booting") == 2
    await house.clock.advance(3700)
    await house.ec2.instances._loops.sweep()  # type: ignore[union-attr]
    assert await house.refusal("DescribeInstances", InstanceIds=[identifier]) == "InvalidInstanceID.NotFound"


@pytest.mark.parametrize(("behavior", "state"), [("stop", "stopped"), ("terminate", "terminated")])
async def test_a_shutdown_from_inside(house: MachineHouse, behavior: str, state: str) -> None:
    identifier, host = await house.running(InstanceInitiatedShutdownBehavior=behavior)
    host.gone.set_result("")
    shown = await house.reaches(identifier, state)
    assert shown["StateReason"]["Message"] == (
        "Client.InstanceInitiatedShutdown: Instance initiated shutdown"
    )


async def test_a_machine_that_dies_comes_back_and_one_that_never_comes_up_is_terminated(
    house: MachineHouse,
) -> None:
    identifier, host = await house.running()
    host.gone.set_result("out of memory")
    async with asyncio.timeout(60):
        while house.machines.hosts[identifier] is host:
            await asyncio.sleep(0.002)
    await house.reaches(identifier, "running")
    house.machines.refusal = "no room"
    second = await house.run()
    shown = await house.reaches(second, "terminated")
    assert shown["StateReason"] == {
        "Code": "Server.InternalError",
        "Message": "Server.InternalError: no room",
    }


async def test_after_the_platforms_end_what_ran_runs_again(house: MachineHouse) -> None:
    runs, _ = await house.running()
    rests, _ = await house.running(MaintenanceOptions={"AutoRecovery": "disabled"})
    stopped, _ = await house.running()
    await house.call("StopInstances", InstanceIds=[stopped])
    await house.reaches(stopped, "stopped")
    before = house.machines.hosts[runs]
    await house.ec2.stop()
    house.build()
    await house.ec2.start()
    await house.reaches(runs, "running")
    assert house.machines.hosts[runs] is not before
    assert house.machines.hosts[runs].wanted.root == before.wanted.root
    assert (await house.reaches(rests, "stopped"))["StateReason"]["Code"] == "Server.InternalError"
    await house.reaches(stopped, "stopped")


async def test_reboot_and_what_changes_while_it_runs(house: MachineHouse) -> None:
    identifier, host = await house.running()
    await house.call("RebootInstances", InstanceIds=[identifier])
    async with asyncio.timeout(60):
        while not host.reboots:
            await asyncio.sleep(0.002)
    await house.call("ModifyInstanceMetadataOptions", InstanceId=identifier, HttpTokens="optional")
    async with asyncio.timeout(60):
        while host.wanted.metadata.tokens_required:
            await asyncio.sleep(0.002)
    assert (await house.instance(identifier))["State"]["Name"] == "running"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "resolve:ssm:/nothing"}, "InvalidParameterValue"),
        ({"InstanceType": "x9.huge"}, "InvalidParameterValue"),
        ({"MinCount": 0}, "InvalidParameterValue"),
        ({"MinCount": 3, "MaxCount": 2}, "InvalidParameterValue"),
        ({"KeyName": "none"}, "InvalidKeyPair.NotFound"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"UserData": "%%"}, "InvalidParameterValue"),
        ({"UserData": base64.b64encode(b"x" * 16385).decode()}, "InvalidParameterValue"),
        ({"IamInstanceProfile": {"Name": "absent"}}, "InvalidParameterValue"),
        ({"HibernationOptions": {"Configured": True}}, "NotImplemented"),
        ({"CpuOptions": {"CoreCount": 1}}, "NotImplemented"),
        ({"Placement": {"Tenancy": "dedicated"}}, "NotImplemented"),
        (
            {"BlockDeviceMappings": [{"DeviceName": IMAGE.family.root, "Ebs": {"VolumeSize": 1}}]},
            "InvalidBlockDeviceMapping",
        ),
        ({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"Encrypted": True}}]}, "NotImplemented"),
        ({"NetworkInterfaces": [{"DeviceIndex": 0}], "SubnetId": "subnet-1"}, "InvalidParameterCombination"),
        (
            {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.00001"}}},
            "SpotMaxPriceTooLow",
        ),
        ({"LaunchTemplate": {"LaunchTemplateName": "none"}}, "InvalidLaunchTemplateName.NotFoundException"),
        ({"DryRun": True}, "DryRunOperation"),
    ],
)
async def test_what_is_refused_leaves_nothing(house: MachineHouse, change: dict[str, Any], code: str) -> None:
    assert await house.refusal("RunInstances", **{**BASE, **change}) == code
    assert (await house.call("DescribeInstances"))["Reservations"] == []
    assert (await house.call("DescribeVolumes"))["Volumes"] == []
    assert (await house.call("DescribeNetworkInterfaces"))["NetworkInterfaces"] == []


async def test_capacity_limits_and_client_tokens(house: MachineHouse) -> None:
    house.supply.unavailable.add("t3.micro")
    assert await house.refusal("RunInstances", **BASE) == "InsufficientInstanceCapacity"
    house.supply.unavailable.clear()
    house.supply.limits["t3.micro"] = 2
    made = await house.call("RunInstances", **{**BASE, "MaxCount": 5}, ClientToken="t")
    assert len(made["Instances"]) == 2
    again = await house.call("RunInstances", **{**BASE, "MaxCount": 5}, ClientToken="t")
    assert again["ReservationId"] == made["ReservationId"]
    assert await house.refusal("RunInstances", **BASE, ClientToken="t") == "IdempotentParameterMismatch"
    assert await house.refusal("RunInstances", **BASE) == "InstanceLimitExceeded"


async def test_protection_and_states(house: MachineHouse) -> None:
    identifier, _ = await house.running(DisableApiTermination=True)
    assert await house.refusal("TerminateInstances", InstanceIds=[identifier]) == "OperationNotPermitted"
    kind = {"InstanceType": {"Value": "t3.small"}}
    assert await house.refusal("ModifyInstanceAttribute", InstanceId=identifier, **kind) == (
        "IncorrectInstanceState"
    )
    await house.call("StopInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "stopped")
    assert await house.refusal("RebootInstances", InstanceIds=[identifier]) == "IncorrectInstanceState"
    await house.call("ModifyInstanceAttribute", InstanceId=identifier, **kind)
    await house.call("ModifyInstanceAttribute", InstanceId=identifier, DisableApiTermination={"Value": False})
    assert (await house.instance(identifier))["InstanceType"] == "t3.small"
    shown = await house.call("DescribeInstanceAttribute", InstanceId=identifier, Attribute="instanceType")
    assert shown["InstanceType"] == {"Value": "t3.small"}
    await house.call("TerminateInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "terminated")
    assert await house.refusal("StartInstances", InstanceIds=[identifier]) == "IncorrectInstanceState"


async def test_volumes(house: MachineHouse) -> None:
    identifier, _ = await house.running()
    zone = (await house.instance(identifier))["Placement"]["AvailabilityZone"]
    volume = (await house.call("CreateVolume", AvailabilityZone=zone, Size=5))["VolumeId"]
    attached = {"VolumeId": volume, "InstanceId": identifier, "Device": "/dev/sdf"}
    await house.call("StopInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "stopped")
    await house.call("AttachVolume", **attached)
    assert await house.refusal("DeleteVolume", VolumeId=volume) == "VolumeInUse"
    await house.call("ModifyVolume", VolumeId=volume, Size=6)
    await house.call("StartInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "running")
    [disk] = house.machines.hosts[identifier].wanted.volumes
    assert (disk.device, disk.gib) == ("/dev/sdf", 6)
    await house.call("TerminateInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "terminated")
    [left] = (await house.call("DescribeVolumes"))["Volumes"]
    assert left["State"] == "available" and house.machines.disks == {volume}
    await house.call("DeleteVolume", VolumeId=volume)
    assert not house.machines.disks


async def test_groups_guard_and_a_role_must_be_passable(house: MachineHouse) -> None:
    identifier, _ = await house.running()
    assert not house.guard.allows(identifier, "127.0.0.1", 22)
    [group] = (await house.instance(identifier))["SecurityGroups"]
    await house.call(
        "AuthorizeSecurityGroupIngress", GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22,
        CidrIp="203.0.113.7/32",
    )  # fmt: skip
    assert house.guard.allows(identifier, "127.0.0.1", 22)
    assert not house.guard.allows(identifier, "127.0.0.1", 80)
    with pytest.raises(Exception, match="PassRole"):
        await house.call("RunInstances", **BASE, IamInstanceProfile={"Name": "secret"})


async def test_launch_templates_filters_and_metrics(house: MachineHouse) -> None:
    data = {**BASE, "InstanceType": "t3.small", "DisableApiTermination": True}
    del data["MinCount"], data["MaxCount"]
    await house.call("CreateLaunchTemplate", LaunchTemplateName="web", LaunchTemplateData=data)
    made = await house.call(
        "RunInstances", MinCount=1, MaxCount=1, LaunchTemplate={"LaunchTemplateName": "web"}
    )
    identifier = made["Instances"][0]["InstanceId"]
    await house.reaches(identifier, "running")
    found = await house.call(
        "DescribeInstances",
        Filters=[
            {"Name": "instance-type", "Values": ["t3.*"]},
            {"Name": "instance-state-name", "Values": ["running"]},
            {"Name": "tag-key", "Values": ["aws:ec2launchtemplate:id"]},
        ],
    )
    assert [item["InstanceId"] for item in found["Reservations"][0]["Instances"]] == [identifier]
    await house.ec2.instances._metrics.publish()  # type: ignore[union-attr]
    await house.ec2.instances._metrics.publish()  # type: ignore[union-attr]
    found = [(name, value) for _, name, value in house.metrics.values]
    assert {name for name, _ in found} >= {"CPUUtilization", "StatusCheckFailed"}
    assert [value for name, value in found if name == "NetworkIn"] == [3000, 0]
    assert [value for name, value in found if name == "EBSWriteBytes"] == [4096, 0]


async def test_a_spot_machine_is_told_two_minutes_before_it_ends(house: MachineHouse) -> None:
    ours, _ = await house.running()
    act = house.ec2.instances.operator_acts["interrupt-instance"]
    with pytest.raises(ServiceError, match="not a Spot"):
        await act(SCOPE, {"InstanceId": ours})
    identifier, host = await house.running(InstanceMarketOptions={"MarketType": "spot"})
    assert (await house.instance(identifier))["InstanceLifecycle"] == "spot"
    answer = await act(SCOPE, {"InstanceId": identifier})
    async with asyncio.timeout(60):
        while host.spot is None:
            await asyncio.sleep(0.002)
    assert host.spot == ("terminate", answer["Time"][:19] + "Z")
    await house.clock.advance(119)
    assert (await house.instance(identifier))["State"]["Name"] == "running"
    await house.clock.advance(2)
    shown = await house.reaches(identifier, "terminated")
    assert shown["StateReason"]["Code"] == "Server.SpotInstanceTermination"


async def test_an_elastic_address_moves_the_door(house: MachineHouse) -> None:
    identifier, _ = await house.running()
    address = await house.call("AllocateAddress")
    await house.call("AssociateAddress", AllocationId=address["AllocationId"], InstanceId=identifier)
    async with asyncio.timeout(60):
        while house.doors.open_at.get(identifier) != address["PublicIp"]:
            await asyncio.sleep(0.002)
    assert (await house.instance(identifier))["PublicIpAddress"] == address["PublicIp"]


@pytest.mark.parametrize(("act", "state"), [("stop", "stopped"), ("terminate", "terminated")])
async def test_an_alarm_ends_a_machine(house: MachineHouse, act: str, state: str) -> None:
    identifier, _ = await house.running()
    metric = {"metric": {"dimensions": {"InstanceId": identifier}}}
    event = {"alarmData": {"configuration": {"metrics": [{"metricStat": metric}]}}}
    arn = f"arn:aws:automate:us-east-1:ec2:{act}"
    await house.ec2.instances.alarm_actions.alarm_action(SCOPE, arn, event)
    ended = await house.reaches(identifier, state)
    assert ended["StateReason"]["Code"] == "Client.UserInitiatedShutdown"


async def test_a_launch_template_does_not_hide_what_is_used(house: MachineHouse) -> None:
    data = {"ImageId": IMAGE.id, "InstanceType": "t3.small"}
    await house.call("CreateLaunchTemplate", LaunchTemplateName="web", LaunchTemplateData=data)
    request = {"MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateName": "web"}}
    context = RequestContext("r", "ec2", "RunInstances", SCOPE, ROOT, house.clock.now())
    asked = list(house.operations["RunInstances"].accesses(context, request))
    kinds = [access.conditions.get("ec2:InstanceType") for access in asked if ":instance/" in access.resource]
    assert kinds == ["t3.small"]
    assert any(access.resource.endswith(IMAGE.id) for access in asked)


async def test_who_makes_a_key_pair_will_soon_start_a_machine(house: MachineHouse) -> None:
    await house.call("CreateSecurityGroup", GroupName="web", Description="web")
    await asyncio.sleep(0)
    assert house.machines.asked_to_be_ready == 0
    await house.call("CreateKeyPair", KeyName="mine")
    await house.call("CreateKeyPair", KeyName="another")
    async with asyncio.timeout(60):
        while not house.machines.asked_to_be_ready:
            await asyncio.sleep(0.002)
    assert house.machines.asked_to_be_ready == 1


async def test_rights_are_asked_for_what_is_filled_in(house: MachineHouse) -> None:
    named = {"SecurityGroups": ["web"], "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-01234567"}}]}

    def asked(**more: Any) -> set[str]:
        context = RequestContext("r", "ec2", "RunInstances", SCOPE, ROOT, house.clock.now())
        found = house.operations["RunInstances"].accesses(context, {**BASE, **more})
        return {access.resource.partition("us-east-1:")[2].partition(":")[2] for access in found}

    assert {"subnet/subnet-*", "security-group/sg-*"} <= asked()
    group = await house.group()
    subnets = (await house.call("DescribeSubnets"))["Subnets"]
    groups = (await house.call("DescribeSecurityGroups"))["SecurityGroups"]
    [own] = [item["GroupId"] for item in groups if item["GroupName"] == "default"]
    assert {f"subnet/{subnets[0]['SubnetId']}", f"security-group/{own}"} <= asked()
    by_name = asked(**named, Placement={"AvailabilityZone": subnets[1]["AvailabilityZone"]})
    used = {f"subnet/{subnets[1]['SubnetId']}", f"security-group/{group}", "snapshot/snap-01234567"}
    assert used <= by_name and f"security-group/{own}" not in by_name


async def test_several_network_interfaces(house: MachineHouse) -> None:
    default = (await house.call("DescribeSubnets"))["Subnets"][0]
    group = await house.group()
    idle = await house.call("CreateNetworkInterface", SubnetId=default["SubnetId"])
    given = [
        {"DeviceIndex": 0, "SubnetId": default["SubnetId"]},
        {"DeviceIndex": 2, "NetworkInterfaceId": idle["NetworkInterface"]["NetworkInterfaceId"]},
        {"DeviceIndex": 1, "SubnetId": default["SubnetId"], "Groups": [group], "Description": "second"},
    ]
    identifier, host = await house.running(NetworkInterfaces=given)
    shown = await house.instance(identifier)
    interfaces = shown["NetworkInterfaces"]
    assert [item["Attachment"]["DeviceIndex"] for item in interfaces] == [0, 1, 2]
    assert "PublicIpAddress" not in shown and interfaces[1]["Groups"][0]["GroupId"] == group
    assert [each.private_ip for each in host.wanted.interfaces] == [
        item["PrivateIpAddress"] for item in interfaces[1:]
    ]
    change = {"InstanceId": identifier, "Groups": [group]}
    assert await house.refusal("ModifyInstanceAttribute", **change) == "InvalidInstanceID"
    address = (await house.call("AllocateAddress"))["AllocationId"]
    second = {"AllocationId": address, "NetworkInterfaceId": interfaces[1]["NetworkInterfaceId"]}
    assert await house.refusal("AssociateAddress", **second) == "NotImplemented"
    public = [{**given[0], "AssociatePublicIpAddress": True}, given[2]]
    for wrong, code in (
        (public, "InvalidParameterCombination"),
        ([given[0], given[0]], "InvalidParameterValue"),
        ([given[0], given[1]], "InvalidNetworkInterface.InUse"),
        ([{**given[0], "DeviceIndex": n} for n in range(16)], "AttachmentLimitExceeded"),
    ):
        assert await house.refusal("RunInstances", **BASE, NetworkInterfaces=wrong) == code
    await house.call("TerminateInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "terminated")
    [left] = (await house.call("DescribeNetworkInterfaces"))["NetworkInterfaces"]
    assert (left["NetworkInterfaceId"], left["Status"]) == (given[1]["NetworkInterfaceId"], "available")


async def test_interfaces_come_and_go_while_a_machine_is_stopped(house: MachineHouse) -> None:
    identifier, _ = await house.running()
    shown = await house.instance(identifier)
    first = shown["NetworkInterfaces"][0]["Attachment"]["AttachmentId"]
    made = await house.call("CreateNetworkInterface", SubnetId=shown["SubnetId"])
    interface = {"NetworkInterfaceId": made["NetworkInterface"]["NetworkInterfaceId"]}
    request = {**interface, "InstanceId": identifier, "DeviceIndex": 1}
    assert await house.refusal("AttachNetworkInterface", **request) == "NotImplemented"
    await house.call("StopInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "stopped")
    taken = await house.refusal("AttachNetworkInterface", **{**request, "DeviceIndex": 0})
    assert taken == "InvalidParameterValue"
    attachment = {"AttachmentId": (await house.call("AttachNetworkInterface", **request))["AttachmentId"]}
    assert await house.refusal("AttachNetworkInterface", **request) == "InvalidNetworkInterface.InUse"
    change = {**attachment, "DeleteOnTermination": True}
    await house.call("ModifyNetworkInterfaceAttribute", **interface, Attachment=change)
    both = (await house.instance(identifier))["NetworkInterfaces"]
    assert [item["Attachment"]["DeleteOnTermination"] for item in both] == [True, True]
    await house.call("StartInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "running")
    [second] = house.machines.launches[-1].interfaces
    assert second.private_ip == both[1]["PrivateIpAddress"]
    assert await house.refusal("DetachNetworkInterface", **attachment) == "NotImplemented"
    await house.call("StopInstances", InstanceIds=[identifier])
    await house.reaches(identifier, "stopped")
    await house.call("DetachNetworkInterface", **attachment)
    assert await house.refusal("DetachNetworkInterface", **attachment) == "InvalidAttachmentID.NotFound"
    refused = await house.refusal("DetachNetworkInterface", AttachmentId=first)
    assert refused == "OperationNotPermitted"
    assert len((await house.instance(identifier))["NetworkInterfaces"]) == 1
