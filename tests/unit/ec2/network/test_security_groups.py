"""Security groups: rules as they are given and shown, and what they let pass."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.ec2.network.security_groups.decision import allows
from sagehen.services.ec2.network.security_groups.permission import Permission
from tests.unit.ec2.conftest import House

SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"IpProtocol": "nonsense"}, "InvalidParameterValue"),
        ({"IpProtocol": "256"}, "InvalidParameterValue"),
        ({"IpProtocol": "²"}, "InvalidParameterValue"),
        ({"IpProtocol": None}, "MissingParameter"),
        ({"FromPort": None}, "InvalidParameterValue"),
        ({"ToPort": 70000}, "InvalidParameterValue"),
        ({"FromPort": 23}, "InvalidParameterValue"),
        ({"IpRanges": []}, "MissingParameter"),
        ({"IpRanges": [{"CidrIp": "0.0.0.0"}]}, "InvalidParameterValue"),
        ({"IpRanges": [{"CidrIp": "1.2.3.4/33"}]}, "InvalidParameterValue"),
        ({"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "ä"}]}, "InvalidParameterValue"),
        ({"IpRanges": [{"CidrIp": "0.0.0.0/0"}] * 2}, "InvalidParameterValue"),
        ({"Ipv6Ranges": [{"CidrIpv6": "::/129"}]}, "InvalidParameterValue"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-12345678"}]}, "InvalidGroup.NotFound"),
        ({"UserIdGroupPairs": [{"GroupName": "nobody"}]}, "InvalidGroup.NotFound"),
        ({"PrefixListIds": [{"PrefixListId": "pl-1"}]}, "NotImplemented"),
    ],
)
async def test_no_rule(house: House, change: dict[str, Any], code: str) -> None:
    group = await house.group()
    request = {"GroupId": group, "IpPermissions": [{**SSH, **change}]}
    assert await house.refusal("AuthorizeSecurityGroupIngress", **request) == code
    assert (await house.call("DescribeSecurityGroups", GroupIds=[group]))["SecurityGroups"][0][
        "IpPermissions"
    ] == []


@pytest.mark.parametrize(
    ("name", "description", "code"),
    [
        ("default", "d", "InvalidGroup.Reserved"),
        ("sg-mine", "d", "InvalidParameterValue"),
        ("", "d", "InvalidParameterValue"),
        ("n" * 256, "d", "InvalidParameterValue"),
        ("web", "", "InvalidParameterValue"),
        ("web", "line\nbreak", "InvalidParameterValue"),
        ("taken", "d", "InvalidGroup.Duplicate"),
    ],
)
async def test_no_group(house: House, name: str, description: str, code: str) -> None:
    await house.group(name="taken")
    assert await house.refusal("CreateSecurityGroup", GroupName=name, Description=description) == code


async def test_rules_have_ids_and_come_together_by_ports(house: House) -> None:
    group = await house.group()
    sources = {
        "IpRanges": [{"CidrIp": "10.0.0.1/8", "Description": "in"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }
    asked = {**SSH, **sources, "UserIdGroupPairs": [{"GroupId": group}]}
    made = await house.call("AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[asked])
    assert len({rule["SecurityGroupRuleId"] for rule in made["SecurityGroupRules"]}) == 3
    [shown] = (await house.call("DescribeSecurityGroups", GroupIds=[group]))["SecurityGroups"]
    assert shown["IpPermissions"] == [
        {
            **{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": []},
            "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "in"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            "UserIdGroupPairs": [{"GroupId": group, "UserId": "123456789012"}],
        }
    ]
    again = {"GroupId": group, "IpProtocol": "6", "FromPort": 22, "ToPort": 22, "CidrIp": "10.9.9.9/8"}
    assert await house.refusal("AuthorizeSecurityGroupIngress", **again) == "InvalidPermission.Duplicate"
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = (await house.call("DescribeSecurityGroupRules", Filters=filters))["SecurityGroupRules"]
    assert [rule["IsEgress"] for rule in rules] == [True, False, False, False]
    gone = await house.call(
        "RevokeSecurityGroupIngress", GroupId=group, SecurityGroupRuleIds=[rules[1]["SecurityGroupRuleId"]]
    )
    assert gone["RevokedSecurityGroupRules"][0]["CidrIpv4"] == "10.0.0.0/8"
    unknown = await house.call("RevokeSecurityGroupIngress", GroupId=group, IpPermissions=[SSH])
    assert unknown["UnknownIpPermissions"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]


async def test_rules_are_changed_in_place(house: House) -> None:
    group = await house.group(await house.vpc())
    made = await house.call("AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[SSH])
    [rule] = made["SecurityGroupRules"]
    other = {"IpProtocol": "tcp", "FromPort": 8888, "ToPort": 8888, "CidrIpv4": "10.0.0.0/8"}
    update = {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": other}
    await house.call("ModifySecurityGroupRules", GroupId=group, SecurityGroupRules=[update])
    described = {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "Description": "Jupyter"}
    await house.call(
        "UpdateSecurityGroupRuleDescriptionsIngress", GroupId=group, SecurityGroupRuleDescriptions=[described]
    )
    ids = [rule["SecurityGroupRuleId"]]
    [now] = (await house.call("DescribeSecurityGroupRules", SecurityGroupRuleIds=ids))["SecurityGroupRules"]
    assert (now["FromPort"], now["CidrIpv4"], now["Description"]) == (8888, "10.0.0.0/8", "Jupyter")
    gone = {"GroupId": group, "IpPermissions": [SSH]}
    assert await house.refusal("RevokeSecurityGroupIngress", **gone) == "InvalidPermission.NotFound"
    elsewhere = {"GroupId": group, "SecurityGroupRuleIds": ids}
    assert (
        await house.refusal("RevokeSecurityGroupEgress", **elsewhere) == "InvalidSecurityGroupRuleId.NotFound"
    )


async def test_a_group_that_is_needed_stays(house: House) -> None:
    vpc = await house.vpc()
    front, back = await house.group(vpc, "front"), await house.group(vpc, "back")
    pair = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": front}]}
    await house.call("AuthorizeSecurityGroupIngress", GroupId=back, IpPermissions=[pair])
    assert await house.refusal("DeleteSecurityGroup", GroupId=front) == "DependencyViolation"
    foreign = {"GroupId": await house.group(name="foreign"), "IpPermissions": [pair]}
    assert await house.refusal("AuthorizeSecurityGroupIngress", **foreign) == "InvalidGroup.NotFound"
    interface = await house.call("CreateNetworkInterface", SubnetId=await house.subnet(vpc), Groups=[back])
    assert await house.refusal("DeleteSecurityGroup", GroupId=back) == "DependencyViolation"
    await house.call(
        "DeleteNetworkInterface", NetworkInterfaceId=interface["NetworkInterface"]["NetworkInterfaceId"]
    )
    await house.call("DeleteSecurityGroup", GroupId=back)
    await house.call("DeleteSecurityGroup", GroupId=front)
    filters = [{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [vpc]}]
    [default] = (await house.call("DescribeSecurityGroups", Filters=filters))["SecurityGroups"]
    assert await house.refusal("DeleteSecurityGroup", GroupId=default["GroupId"]) == "CannotDelete"


RULES = (
    Permission("tcp", 22, 22, cidr="10.0.0.0/8"),
    Permission("tcp", 8000, 8999, group_id="sg-1"),
    Permission("udp", 53, 53, cidr6="fd00::/8"),
    Permission("icmp", 8, -1, cidr="0.0.0.0/0"),
)


@pytest.mark.parametrize(
    ("protocol", "port", "address", "groups", "passes"),
    [
        ("tcp", 22, "10.1.2.3", (), True),
        ("tcp", 22, "::ffff:10.1.2.3", (), True),
        ("tcp", 22, "11.1.2.3", (), False),
        ("tcp", 23, "10.1.2.3", (), False),
        ("udp", 22, "10.1.2.3", (), False),
        ("tcp", 8888, "10.1.2.3", (), False),
        ("tcp", 8888, "10.1.2.3", ("sg-2", "sg-1"), True),
        ("tcp", 9000, "10.1.2.3", ("sg-1",), False),
        ("udp", 53, "fd00::1", (), True),
        ("udp", 53, "10.1.2.3", (), False),
        ("icmp", 8, "1.2.3.4", (), True),
        ("icmp", 0, "1.2.3.4", (), False),
    ],
)
def test_what_passes(protocol: str, port: int, address: str, groups: tuple[str, ...], passes: bool) -> None:
    assert allows(RULES, protocol=protocol, port=port, address=address, groups=groups) is passes


def test_a_rule_for_everything_lets_everything_pass() -> None:
    everything = [Permission("-1", cidr="0.0.0.0/0")]
    assert allows(everything, protocol="tcp", port=65535, address="8.8.8.8")
    assert not allows(everything, protocol="tcp", port=1, address="2001:db8::1")
    assert not allows([], protocol="tcp", port=1, address="8.8.8.8")
