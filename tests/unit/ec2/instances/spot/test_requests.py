"""Spot requests: fulfilled, waiting, cancelled, taken back, forgotten; those of RunInstances, too."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.ec2.conftest import SCOPE
from tests.unit.ec2.instances.conftest import IMAGE, MachineHouse

LAUNCH = {"ImageId": IMAGE.id, "InstanceType": "t3.micro"}
SPOT = {"InstanceMarketOptions": {"MarketType": "spot"}}


async def request_of(house: MachineHouse, identifier: str) -> Any:
    answer = await house.call("DescribeSpotInstanceRequests", SpotInstanceRequestIds=[identifier])
    return answer["SpotInstanceRequests"][0]


async def asked(house: MachineHouse, code: str = "fulfilled", **more: Any) -> Any:
    """Return a request once its status has a code."""
    made = await house.call("RequestSpotInstances", **{"LaunchSpecification": LAUNCH, **more})
    [request] = made["SpotInstanceRequests"]
    assert (request["State"], request["Status"]["Code"]) == ("open", "pending-evaluation")
    return await has(house, request["SpotInstanceRequestId"], code)


async def has(house: MachineHouse, identifier: str, code: str) -> Any:
    async with asyncio.timeout(60):
        while (found := await request_of(house, identifier))["Status"]["Code"] != code:
            await asyncio.sleep(0.002)
            await house.ec2.instances._fulfilment.evaluate()
    return found


async def test_a_request_is_fulfilled_and_ends_with_its_machine(house: MachineHouse) -> None:
    tags = [{"ResourceType": "spot-instances-request", "Tags": [{"Key": "k", "Value": "v"}]}]
    request = await asked(house, TagSpecifications=tags, SpotPrice="1.5")
    assert (request["State"], request["Type"], request["SpotPrice"]) == ("active", "one-time", "1.5")
    assert request["LaunchSpecification"]["SecurityGroups"][0]["GroupName"] == "default"
    assert not [name for name in request if name[0].islower()] and request["Tags"] == tags[0]["Tags"]
    machine = request["InstanceId"]
    shown = await house.reaches(machine, "running")
    assert shown["SpotInstanceRequestId"] == request["SpotInstanceRequestId"]
    assert shown["InstanceLifecycle"] == "spot"
    for name, value in {"instance-id": machine, "state": "active", "launch.image-id": IMAGE.id}.items():
        filters = [{"Name": name, "Values": [value]}]
        found = await house.call("DescribeSpotInstanceRequests", Filters=filters)
        assert len(found["SpotInstanceRequests"]) == 1
    await house.call("TerminateInstances", InstanceIds=[machine])
    over = await has(house, request["SpotInstanceRequestId"], "instance-terminated-by-user")
    assert over["State"] == "closed"
    await house.clock.advance(4 * 3600 + 1)
    await house.ec2.instances._fulfilment.evaluate()
    assert (await house.call("DescribeSpotInstanceRequests"))["SpotInstanceRequests"] == []


async def test_run_instances_makes_one_for_each_and_an_interruption_closes_it(house: MachineHouse) -> None:
    identifier, _ = await house.running(**SPOT)
    shown = await house.instance(identifier)
    request = await request_of(house, shown["SpotInstanceRequestId"])
    assert (request["State"], request["InstanceId"]) == ("active", identifier)
    await house.ec2.instances.operator_acts["interrupt-instance"](SCOPE, {"InstanceId": identifier})
    await has(house, request["SpotInstanceRequestId"], "marked-for-termination")
    await house.clock.advance(121)
    await house.reaches(identifier, "terminated")
    over = await request_of(house, request["SpotInstanceRequestId"])
    assert (over["State"], over["Status"]["Code"]) == ("closed", "instance-terminated-no-capacity")
    identifier, _ = await house.running()
    assert "SpotInstanceRequestId" not in await house.instance(identifier)


@pytest.mark.parametrize(
    ("wait", "code"),
    [("capacity", "capacity-not-available"), ("limit", "limit-exceeded"), ("price", "price-too-low")],
)
async def test_what_cannot_be_had_is_waited_for(house: MachineHouse, wait: str, code: str) -> None:
    if wait == "capacity":
        house.supply.unavailable.add("t3.micro")
    elif wait == "limit":
        house.supply.limits["t3.micro"] = 0
    request = await asked(house, code, **({"SpotPrice": "0.000001"} if wait == "price" else {}))
    assert request["State"] == "open" and "InstanceId" not in request
    named = {"SpotInstanceRequestIds": [request["SpotInstanceRequestId"]]}
    if wait == "price":
        answer = await house.call("CancelSpotInstanceRequests", **named)
        assert answer["CancelledSpotInstanceRequests"][0]["State"] == "cancelled"
        await has(house, request["SpotInstanceRequestId"], "canceled-before-fulfillment")
    else:
        house.supply.unavailable.clear()
        house.supply.limits.clear()
        fulfilled = await has(house, request["SpotInstanceRequestId"], "fulfilled")
        await house.reaches(fulfilled["InstanceId"], "running")
        await house.call("CancelSpotInstanceRequests", **named)
        cancelled = await request_of(house, request["SpotInstanceRequestId"])
        assert cancelled["Status"]["Code"] == "request-canceled-and-instance-running"
        assert (await house.instance(fulfilled["InstanceId"]))["State"]["Name"] == "running"


async def test_a_persistent_one_has_another_machine_after_each(house: MachineHouse) -> None:
    request = await asked(house, Type="persistent")
    first = request["InstanceId"]
    await house.reaches(first, "running")
    await house.call("TerminateInstances", InstanceIds=[first])
    await house.reaches(first, "terminated")
    again = await has(house, request["SpotInstanceRequestId"], "fulfilled")
    assert again["InstanceId"] != first
    await house.call("CancelSpotInstanceRequests", SpotInstanceRequestIds=[request["SpotInstanceRequestId"]])
    await house.call("TerminateInstances", InstanceIds=[again["InstanceId"]])
    await has(house, request["SpotInstanceRequestId"], "instance-terminated-by-user")
    assert (await request_of(house, request["SpotInstanceRequestId"]))["State"] == "cancelled"


async def test_times_tokens_and_what_goes_away_meanwhile(house: MachineHouse) -> None:
    now = house.clock.now()
    late = await asked(house, "not-scheduled-yet", ValidFrom=now + timedelta(hours=1))
    house.supply.unavailable.add("t3.small")
    small = {"LaunchSpecification": {**LAUNCH, "InstanceType": "t3.small"}}
    short = await asked(house, "capacity-not-available", **small, ValidUntil=now + timedelta(minutes=1))
    await house.call("ImportKeyPair", KeyName="k", PublicKeyMaterial=b"ssh-ed25519 " + KEY)
    keyed = {
        "LaunchSpecification": {**LAUNCH, "InstanceType": "t3.small", "KeyName": "k"},
        "ClientToken": "t",
    }
    lost = await asked(house, "capacity-not-available", **keyed)
    again = await house.call("RequestSpotInstances", **keyed)
    assert again["SpotInstanceRequests"][0]["SpotInstanceRequestId"] == lost["SpotInstanceRequestId"]
    other = {**keyed, "SpotPrice": "1"}
    assert await house.refusal("RequestSpotInstances", **other) == "IdempotentParameterMismatch"
    await house.call("DeleteKeyPair", KeyName="k")
    failed = await has(house, lost["SpotInstanceRequestId"], "bad-parameters")
    assert (failed["State"], failed["Fault"]["Code"]) == ("failed", "InvalidKeyPair.NotFound")
    await house.clock.advance(3601)
    await has(house, late["SpotInstanceRequestId"], "fulfilled")
    assert (await has(house, short["SpotInstanceRequestId"], "schedule-expired"))["State"] == "closed"


KEY = b"AAAAC3NzaC1lZDI1NTE5AAAAIHjOXAm34Jh73vcSnZzweMouKSucK7A5BZLBkz2lowID"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "MissingParameter"),
        ({"LaunchSpecification": {**LAUNCH, "ImageId": "ami-01234567"}}, "InvalidAMIID.NotFound"),
        ({"LaunchSpecification": LAUNCH, "InstanceCount": 0}, "InvalidParameterValue"),
        ({"LaunchSpecification": LAUNCH, "SpotPrice": "cheap"}, "InvalidParameterValue"),
        ({"LaunchSpecification": LAUNCH, "Type": "endless"}, "InvalidParameterValue"),
        ({"LaunchSpecification": LAUNCH, "InstanceInterruptionBehavior": "stop"}, "NotImplemented"),
        ({"LaunchSpecification": {**LAUNCH, "EbsOptimized": True}}, "NotImplemented"),
        ({"LaunchSpecification": LAUNCH, "LaunchGroup": "g"}, "NotImplemented"),
        ({"LaunchSpecification": LAUNCH, "DryRun": True}, "DryRunOperation"),
    ],
)
async def test_refused(house: MachineHouse, request_: dict[str, Any], code: str) -> None:
    assert await house.refusal("RequestSpotInstances", **request_) == code
    assert (await house.call("DescribeSpotInstanceRequests"))["SpotInstanceRequests"] == []
    assert await house.refusal("CancelSpotInstanceRequests", SpotInstanceRequestIds=["sir-01234567"]) == (
        "InvalidSpotInstanceRequestID.NotFound"
    )
