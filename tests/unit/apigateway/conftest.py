"""The control plane without a front door: its handlers called as the gateway calls them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply
from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.functions import FunctionResult
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.deployed import StoredApis
from sagehen.services.apigateway.service import ApiGatewayService
from sagehen.store.database import Database
from tests.unit.policy_documents import policy_documents

SCOPE = Scope("111122223333", "us-east-1")
Call = Callable[..., Awaitable[dict[str, Any]]]


class OtherServices:
    """Every port that API Gateway is given. Nothing here answers more than the control plane asks."""

    def __init__(self) -> None:
        self.passable: set[str] = set()
        self.asked: list[str] = []

    def require_pass_role(
        self,
        principal: Principal,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        self.asked.append(role_arn)
        assert service == "apigateway.amazonaws.com"
        if role_arn not in self.passable:
            raise AccessDenied(f"not authorized to perform: iam:PassRole on resource: {role_arn}")

    def can_be_assumed_by(
        self, role_arn: str, service: str, environment: Mapping[str, ConditionValue] | None = None
    ) -> bool:
        return role_arn in self.passable

    async def assume_for_service(self, *arguments: Any, **named: Any) -> RoleSession:
        raise AccessDenied("no role may be assumed here")

    def authorize(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> None:
        return None

    def is_allowed(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool:
        return True

    def evaluate_document(
        self, document: str, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool | None:
        return None

    async def invoke(self, *arguments: Any) -> FunctionResult:
        raise AssertionError("the control plane invokes nothing")

    async def invoke_async(self, *arguments: Any) -> None:
        raise AssertionError("the control plane invokes nothing")

    def write(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        return None

    async def flush(self) -> None:
        return None

    def record(
        self, scope: Scope, namespace: str, values: Sequence[MetricValue], at: datetime | None = None
    ) -> None:
        return None


@pytest.fixture
def others() -> OtherServices:
    return OtherServices()


def make_service(
    database: Database, clock: ManualClock, ids: Ids, others: OtherServices
) -> ApiGatewayService:
    return ApiGatewayService(
        database=database,
        clock=clock,
        ids=ids,
        roles=others,
        authorizer=others,
        documents=others,
        resource_documents=policy_documents(database),
        functions=others,
        logs=others,
        metrics=others,
    )


@pytest.fixture
async def service(
    database: Database, clock: ManualClock, ids: Ids, others: OtherServices
) -> AsyncIterator[ApiGatewayService]:
    service = make_service(database, clock, ids, others)
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def apis(service: ApiGatewayService) -> StoredApis:
    return service._apis


def caller(service: ApiGatewayService, clock: ManualClock) -> Call:
    handlers = {bound.name: bound.handler for bound in service.services[0].operations()}

    async def send(operation: str, **request: Any) -> dict[str, Any]:
        root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)
        context = RequestContext("r", "apigateway", operation, SCOPE, root, clock.now())
        result = await handlers[operation](context, request)
        assert not isinstance(result, Reply)
        return {key: value for key, value in dict(result or {}).items() if value is not None}

    return send


@pytest.fixture
def call(service: ApiGatewayService, clock: ManualClock) -> Call:
    return caller(service, clock)


async def make_api(call: Call, **settings: Any) -> tuple[str, str]:
    """Make an API whose root answers GET through MOCK; return (api id, root id)."""
    made = await call("CreateRestApi", name="api", **settings)
    where = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "GET"}
    await call("PutMethod", **where, authorizationType="NONE")
    await call("PutIntegration", **where, type="MOCK")
    return made["id"], made["rootResourceId"]
