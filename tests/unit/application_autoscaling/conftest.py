"""Application Auto Scaling with CloudWatch beside it, and resources that change when they are told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.scaling import ScalableResource
from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.errors import ValidationException
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.store.database import Database

SCOPE = Scope("111122223333", "us-east-1")
VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
FUNCTION = {
    "ServiceNamespace": "lambda",
    "ResourceId": "function:f:live",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}

Call = Callable[..., Awaitable[dict[str, Any]]]


@dataclass
class Resources:
    """Implements ScalableResources in memory.

    Attributes:
        desired: Resource id -> capacity that it was told.
        told: Every change, in order.
        slow: What is told is not fulfilled until this is taken away.
        refusal: Refuses every change.
    """

    desired: dict[str, int] = field(default_factory=lambda: {"endpoint/e/variant/v": 2, "function:f:live": 0})
    told: list[tuple[str, int]] = field(default_factory=list)
    slow: bool = False
    scalable: bool = True
    refusal: str = ""
    unscalable_ever: str | None = None

    def find(self, scope: Scope, resource_id: str, dimension: str) -> ScalableResource | None:
        if scope != SCOPE or resource_id not in self.desired:
            return None
        least = 1 if resource_id.startswith("endpoint/") else 0
        return ScalableResource(
            self.desired[resource_id], not self.slow, self.scalable, self.unscalable_ever, least
        )

    async def set_desired(self, scope: Scope, resource_id: str, dimension: str, capacity: int) -> None:
        if self.refusal:
            raise ValidationException(self.refusal)
        self.told.append((resource_id, capacity))
        self.desired[resource_id] = capacity


class LinkedRoles:
    """Implements the port of the same name; remembers what it made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def find(self, account_id: str, service: str) -> str | None:
        return f"arn:aws:iam::{account_id}:role/{service}" if service in self.made else None

    async def ensure(self, account_id: str, service: str) -> str:
        self.made.append(service)
        return self.find(account_id, service) or ""


class Allowing:
    """An Authorizer that allows all but what is named."""

    def __init__(self) -> None:
        self.denied: set[str] = set()

    def authorize(self, principal: Any, access: Any, environment: Any) -> None:
        raise AssertionError("only asked")

    def is_allowed(self, principal: Any, access: Any, environment: Any) -> bool:
        return access.action not in self.denied


@pytest.fixture
def resources() -> Resources:
    return Resources()


@pytest.fixture
def roles() -> LinkedRoles:
    return LinkedRoles()


@pytest.fixture
def authorizer() -> Allowing:
    return Allowing()


@pytest.fixture
def cloudwatch(database: Database, clock: ManualClock, ids: Ids) -> CloudWatchService:
    return CloudWatchService(database=database, clock=clock, ids=ids)


@pytest.fixture
def make(
    database: Database,
    clock: ManualClock,
    ids: Ids,
    cloudwatch: CloudWatchService,
    resources: Resources,
    roles: LinkedRoles,
    authorizer: Allowing,
) -> Callable[[], ApplicationAutoScalingService]:
    """Make the service: again, for another life on the same records."""

    def made() -> ApplicationAutoScalingService:
        service = ApplicationAutoScalingService(
            database=database,
            clock=clock,
            ids=ids,
            alarms=cloudwatch.alarms,
            resources={"sagemaker": resources, "lambda": resources},
            roles=roles,
            authorizer=authorizer,
        )
        cloudwatch.alarm_actions.scaling = service.alarm_actions
        return service

    return made


@pytest.fixture
async def scaling(
    make: Callable[[], ApplicationAutoScalingService],
) -> AsyncIterator[ApplicationAutoScalingService]:
    service = make()
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def call(scaling: ApplicationAutoScalingService, clock: ManualClock) -> Call:
    handlers = {bound.name: bound.handler for bound in scaling.services[0].operations()}
    root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)

    async def send(operation: str, **request: Any) -> dict[str, Any]:
        context = RequestContext("r", "application-autoscaling", operation, SCOPE, root, clock.now())
        result: Any = await handlers[operation](context, request)
        return dict(result or {})

    return send
