"""Subnets and security groups of jobs and notebook instances."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from tests.unit.networks import OTHERS, OURS, A, B, TwoVpcs

SCOPE = Scope("123456789012", "us-east-1")


@pytest.mark.parametrize(
    ("subnets", "groups", "text"),
    [
        ([A, "subnet-99999999"], [OURS], "The subnet ID 'subnet-99999999' does not exist"),
        ([A], ["sg-99999999"], "The security group 'sg-99999999' does not exist"),
        ([A], [OTHERS], f"Security group {OTHERS} and subnet {A} belong to different networks."),
        ([A, B], [], "All subnets must belong to the same VPC."),
    ],
)
async def test_what_is_not_there_is_refused(subnets: list[str], groups: list[str], text: str) -> None:
    networks = NamedNetworks()
    await networks.require(SCOPE, subnets, groups)  # nobody knows any
    networks.known = TwoVpcs()
    await networks.require(SCOPE, [A], [OURS])
    with pytest.raises(ValidationException) as refused:
        await networks.require(SCOPE, subnets, groups)
    assert refused.value.message == text
