"""VpcConfig of functions: what it may name, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.lambda_.conftest import ROLE, FakeEnvironments, FakeRights, FakeRoles, Lambda
from tests.unit.networks import OTHERS, OURS, A, B, TwoVpcs

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions.networks import FunctionNetworks
from sagehen.services.lambda_.functions.roles import FunctionRoles

SCOPE = Scope("123456789012", "us-east-1")
NAMED = {"FunctionName": "f"}
GIVEN = {"SubnetIds": [A], "SecurityGroupIds": [OURS]}
_SUBNETS = "Error occurred while DescribeSubnets. EC2 Error Code: "
_GROUPS = "Error occurred while DescribeSecurityGroups. EC2 Error Code: "


def _networks(environments: FakeEnvironments, rights: FakeRights) -> FunctionNetworks:
    return FunctionNetworks(environments, FunctionRoles(FakeRoles(), ManualClock()), rights)


@pytest.fixture
def networks() -> FunctionNetworks:
    made = _networks(FakeEnvironments(), FakeRights())
    made.known = TwoVpcs()
    return made


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"SubnetIds": [A]}, "SubnetIds and SecurityIds must coexist or be both empty list."),
        (
            {**GIVEN, "SubnetIds": [A, "subnet-99999999"]},
            f"{_SUBNETS}InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-99999999' does "
            "not exist",
        ),
        (
            {**GIVEN, "SubnetIds": ["subnet-1"]},
            f'{_SUBNETS}InvalidSubnetID.Malformed. EC2 Error Message: Invalid id: "subnet-1" (expecting '
            '"subnet-...")',
        ),
        (
            {**GIVEN, "SecurityGroupIds": ["sg-99999999"]},
            f"{_GROUPS}InvalidGroup.NotFound. EC2 Error Message: The security group 'sg-99999999' does not "
            "exist",
        ),
        (
            {**GIVEN, "SecurityGroupIds": [A]},
            f'{_GROUPS}InvalidGroupId.Malformed. EC2 Error Message: Invalid id: "{A}" (expecting "sg-...")',
        ),
        ({**GIVEN, "SecurityGroupIds": [OTHERS]}, "Security Groups are required to be in the same VPC."),
        ({**GIVEN, "SubnetIds": [A, B]}, "Security Groups are required to be in the same VPC."),
    ],
)
async def test_what_is_not_there_is_refused_in_lambdas_words(
    networks: FunctionNetworks, given: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidParameterValueException) as refused:
        await networks.chosen(SCOPE, {**NAMED, "VpcConfig": given}, ROLE)
    assert refused.value.message == text


async def test_where_functions_cannot_be_kept_in_it_is_not_implemented(networks: FunctionNetworks) -> None:
    with pytest.raises(NotImplementedOperation):
        await networks.chosen(SCOPE, {**NAMED, "VpcConfig": {**GIVEN, "Ipv6AllowedForDualStack": True}}, ROLE)
    environments = FakeEnvironments()
    environments.closes_internet = False
    nowhere = _networks(environments, FakeRights())
    nowhere.known = networks.known
    with pytest.raises(NotImplementedOperation):
        await nowhere.chosen(SCOPE, {**NAMED, "VpcConfig": GIVEN}, ROLE)


async def test_a_function_in_a_vpc_shows_it_and_is_kept_from_the_internet(lambda_: Lambda) -> None:
    lambda_.service.networks.known = TwoVpcs()
    made = await lambda_.create(VpcConfig=GIVEN)
    assert made["VpcConfig"] == {**GIVEN, "VpcId": "vpc-a", "Ipv6AllowedForDualStack": False}
    await lambda_.invoke()
    assert lambda_.environments.started[-1].function.internet is False
    await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    assert (await lambda_.settled())["VpcConfig"]["VpcId"] == "vpc-a"
    empty: dict[str, list[str]] = {"SubnetIds": [], "SecurityGroupIds": []}
    await lambda_("UpdateFunctionConfiguration", FunctionName="f", VpcConfig=empty)
    assert not (await lambda_.settled()).get("VpcConfig")
    await lambda_.invoke()
    assert lambda_.environments.started[-1].function.internet is True


async def test_its_role_must_be_able_to_make_network_interfaces(networks: FunctionNetworks) -> None:
    rights = FakeRights()
    rights.refused.add(SCOPE.arn("ec2", f"subnet/{A}"))
    refusing = _networks(FakeEnvironments(), rights)
    refusing.known = networks.known
    with pytest.raises(InvalidParameterValueException, match="call CreateNetworkInterface on EC2"):
        await refusing.chosen(SCOPE, {**NAMED, "VpcConfig": GIVEN}, ROLE)
