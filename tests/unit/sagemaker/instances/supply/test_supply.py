"""What the operator offers of instance types, and what becomes of jobs, tuning jobs and endpoints by it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.records import MIGRATIONS, EndpointRecords
from sagehen.services.sagemaker.instances.supply.acts import SupplyActs
from sagehen.services.sagemaker.instances.supply.supply import PATIENCE_S, Supply

from ...conftest import SCOPE
from ...training.job_parts import forever, two_hosts

_TYPE = "ml.m5.large"


async def offer(platform: Any, **request: Any) -> Any:
    acts = SupplyActs(platform.supply)
    return (await acts.capacity(SCOPE, {"InstanceType": _TYPE, **request}))["Offers"]


async def test_what_is_said_is_kept_and_taken_back(platform: Any) -> None:
    assert await offer(platform, Available=False, Limit=3) == [
        {"InstanceType": _TYPE, "Available": False, "Limit": 3}
    ]
    assert Supply(platform.database).offer(_TYPE).limit == 3  # as after a restart
    assert (await offer(platform, Limit=0))[0]["Available"] is False
    assert await offer(platform, Available=True) == []


@pytest.mark.parametrize(
    "request_",
    [
        {"InstanceType": "ml.none"}, {"InstanceType": 7}, {"Limit": -1}, {"Limit": True}, {"Limit": 1e9},
        {"Limit": "1"}, {"Available": "no"},
    ],
)  # fmt: skip
async def test_nonsense_is_refused(platform: Any, request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationException):
        await offer(platform, **request_)


async def test_a_type_that_cannot_be_had_fails_the_job_as_on_aws(platform: Any) -> None:
    await offer(platform, Available=False)
    await platform.create()
    async with asyncio.timeout(60):
        while len((await platform.describe())["SecondaryStatusTransitions"]) < 2:
            await asyncio.sleep(0.002)
    await platform.clock.advance(PATIENCE_S + 1)
    described = await platform.ended()
    assert described["FailureReason"] == (
        "CapacityError: Unable to provision requested ML compute capacity. "
        "Please retry using a different ML instance type."
    )
    messages = [step["StatusMessage"] for step in described["SecondaryStatusTransitions"]]
    assert messages[1] == "Insufficient capacity error from EC2 while launching instances, retrying!"
    assert "TrainingStartTime" not in described


async def test_a_job_goes_on_when_its_type_can_be_had_again(platform: Any) -> None:
    await offer(platform, Available=False)
    await platform.create()
    async with asyncio.timeout(60):
        while len((await platform.describe())["SecondaryStatusTransitions"]) < 2:
            await asyncio.sleep(0.002)
    await offer(platform, Available=True)
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"


async def test_the_account_s_limit_is_told_at_the_call(platform: Any) -> None:
    platform.executor.program = forever
    await offer(platform, Limit=2)
    await platform.create("Job-1")
    with pytest.raises(ServiceError) as refusal:
        await platform.create("Job-2", ResourceConfig=two_hosts())
    assert refusal.value.code == "ResourceLimitExceeded"
    assert refusal.value.message.startswith(
        "The account-level service limit 'ml.m5.large for training job usage' is 2 Instances, with current "
        "utilization of 1 Instances and a request delta of 2 Instances. "
    )
    spot = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    await platform.create(
        "Spot", EnableManagedSpotTraining=True, StoppingCondition=spot
    )  # a quota of its own
    outcomes = await asyncio.gather(
        platform.create("Job-3"), platform.create("Job-4"), return_exceptions=True
    )
    assert sum(isinstance(outcome, ServiceError) for outcome in outcomes) == 1


def deployment(count: int) -> Deployment:
    return Deployment(1, "c", 0.0, (EndpointVariant("v", "m", _TYPE, count, 1.0, "i", "r"),))


async def test_endpoints_share_the_account_s_limit_and_may_always_shrink(platform: Any) -> None:
    platform.database.migrate("sagemaker-endpoints", MIGRATIONS)
    records, now = EndpointRecords(platform.database, platform.supply), platform.clock.now()
    await offer(platform, Limit=3)
    first = Endpoint(SCOPE, "e", "InService", now, now, live=deployment(2))
    await records.add(first, ())
    with pytest.raises(ServiceError, match="endpoint usage' is 3 Instances, with current utilization of 2"):
        await records.add(replace(first, name="f"), ())
    with pytest.raises(ServiceError, match="request delta of 2 Instances"):
        # Both deployments at once, as an update has them.
        await records.change(SCOPE, "e", lambda e: replace(e, pending=deployment(2)))
    await offer(platform, Limit=0)
    assert await records.change(SCOPE, "e", lambda e: replace(e, live=deployment(1)))
