"""The table of operations, and what the evaluator is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import BoundOperation, Service, operation
from sagehen.gateway.operations.later import Later
from sagehen.gateway.operations.table import Called, OperationTable
from sagehen.gateway.signatures.claim import Claim
from sagehen.protocol.identification.identify import Identified
from sagehen.protocol.models.catalog import Catalog
from tests.unit.gateway.conftest import RunningDoor

CATALOG = Catalog(("sts", "s3"))


class Known:
    @operation("GetCallerIdentity")
    async def get(self, context: Any, request: Any) -> None: ...


class Unknown:
    @operation("GetCallerIdentitee")
    async def get(self, context: Any, request: Any) -> None: ...


@pytest.mark.parametrize(
    ("services", "message"),
    [
        ([Service("sts", (Unknown(),))], "no operation 'GetCallerIdentitee'"),
        ([Service("sts", (Known(), Known()))], "'GetCallerIdentity' twice"),
        ([Service("sts", (Known(),)), Service("sts", (Known(),))], "twice"),
        ([Service("logs", ())], "'logs' is not in the catalog"),
    ],
)
def test_table_refuses(services: list[Service], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        OperationTable(services, CATALOG)


async def test_a_service_is_loaded_by_the_first_call_of_what_it_declares() -> None:
    loads = []

    async def load(service: str) -> Sequence[BoundOperation]:
        loads.append(service)
        return [*Service("sts", (Known(),)).operations()]

    table = OperationTable([Service("s3", ())], CATALOG, Later({"sts": {"GetCallerIdentity"}}, load))
    model = CATALOG.service("sts")
    undeclared = Called(Identified(model.operation("GetSessionToken"), "query"), None)
    with pytest.raises(NotImplementedOperation):
        await table.implementation(undeclared)
    with pytest.raises(KeyError):
        await table.declared("sts", "GetSessionToken")
    assert loads == [] and table.counts() == {"sts": 1}
    called = Called(Identified(model.operation("GetCallerIdentity"), "query"), None)
    bound = await table.implementation(called)
    assert bound.name == "GetCallerIdentity" and await table.declared("sts", bound.name) is bound
    assert loads == ["sts"] and table.counts() == {"sts": 1}


async def test_a_large_model_is_loaded_by_the_first_request_for_it() -> None:
    catalog = Catalog(("sts", "s3", "ec2"))
    table = OperationTable([Service("sts", ()), Service("s3", ()), Service("ec2", ())], catalog)
    assert catalog.by_signing_name("ec2") == catalog.by_endpoint_prefix("ec2") == ("ec2",)
    assert catalog.by_api_version("2016-11-15") == ("ec2",)
    assert (catalog.is_large("sts"), catalog.is_large("s3"), catalog.is_large("ec2")) == (False, True, True)
    await table.load_model(None)
    assert not catalog.is_large("s3")
    claim = Claim("header", service="ec2")
    await table.load_model(claim)
    await table.load_model(claim)
    assert not catalog.is_large("ec2")
    assert catalog.service("ec2") is catalog.service("ec2")


def test_evaluator_is_asked_with_the_keys_of_the_request(running: RunningDoor) -> None:
    running.client("logs", region="eu-west-1").describe_log_groups()
    [(access, environment)] = running.authorizer.seen
    assert access.action == "logs:DescribeLogGroups"
    assert environment["aws:SourceIp"] == "127.0.0.1"
    assert environment["aws:SecureTransport"] == "true"  # over loopback, where nobody else is
    assert environment["aws:RequestedRegion"] == "eu-west-1"
    assert environment["aws:ViaAWSService"] == "false"
    assert str(environment["aws:UserAgent"]).startswith("Boto3")
