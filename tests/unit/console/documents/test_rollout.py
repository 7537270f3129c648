"""The document of an endpoint's update."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ValidationException
from sagehen.console.documents.rollout import NoSuchEndpoint, rollout
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.rollouts import Fleet, Rollout, Schedule
from sagehen.domain.scope import Scope
from tests.unit.console.documents.asked import DENIED, NOW, Table


class One:
    """Knows `classifier`, while it bakes."""

    def rollout(self, scope: Scope, endpoint: str) -> Rollout | None:
        if endpoint != "classifier":
            return None
        rows = [{"name": "a", "states": {"ready": 2}}]
        fleets = (Fleet("live", "old", 0.5, rows), Fleet("pending", "new", 0.5, rows))
        return Rollout(fleets, Schedule((0.5, 1.0), 1, 60.0, 0.0, NOW.timestamp(), None, rolling=False))


DESCRIBED = Table({"sagemaker:DescribeEndpoint": lambda request: request})


async def test_tells_fleets_and_steps() -> None:
    found = await rollout(One(), DESCRIBED, {"endpoint": "classifier"})
    assert [(fleet["part"], fleet["share"]) for fleet in found["fleets"]] == [("live", 0.5), ("pending", 0.5)]
    assert found["schedule"]["until"] == found["now"] and found["schedule"]["deadline"] is None


async def test_is_for_whom_may_describe_the_endpoint() -> None:
    with pytest.raises(AccessDenied):
        await rollout(One(), Table({"sagemaker:DescribeEndpoint": DENIED}), {"endpoint": "classifier"})
    with pytest.raises(NoSuchEndpoint):
        await rollout(One(), DESCRIBED, {"endpoint": "other"})
    with pytest.raises(ValidationException):
        await rollout(One(), DESCRIBED, {})
