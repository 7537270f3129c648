"""A request that is sent again with its client token makes nothing new."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.ec2.conftest import House


@pytest.mark.parametrize(
    ("operation", "member", "request_", "change"),
    [
        ("CreateRouteTable", "RouteTable", {"VpcId": "vpc"}, {"TagSpecifications": []}),
        ("CreateNetworkInterface", "NetworkInterface", {"SubnetId": "subnet"}, {"Description": "other"}),
        (
            "CreateLaunchTemplateVersion",
            "LaunchTemplateVersion",
            {"LaunchTemplateName": "web", "LaunchTemplateData": {"InstanceType": "t3.small"}},
            {"VersionDescription": "other"},
        ),
    ],
)
async def test_once(
    house: House, operation: str, member: str, request_: dict[str, Any], change: dict[str, Any]
) -> None:
    vpc = await house.vpc()
    there = {"vpc": vpc, "subnet": await house.subnet(vpc)}
    data = {"InstanceType": "t3.micro"}
    await house.call("CreateLaunchTemplate", LaunchTemplateName="web", LaunchTemplateData=data)
    asked = {name: there.get(str(value), value) for name, value in request_.items()}
    first = await house.call(operation, **asked, ClientToken="t")
    assert (await house.call(operation, **asked, ClientToken="t"))[member] == first[member]
    assert (await house.call(operation, **asked, ClientToken="u"))[member] != first[member]
    refused = await house.refusal(operation, **{**asked, **change}, ClientToken="t")
    assert refused == "IdempotentParameterMismatch"
    assert await house.refusal(operation, **asked, ClientToken="t" * 65) == "InvalidParameterValue"
