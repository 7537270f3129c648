"""Alarms that roll a deployment back: the decision, the way back, and what is remembered of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints import changes
from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation, rollback_reason
from sagehen.services.sagemaker.endpoints.plan import (
    Failures,
    RollBack,
    StartInstance,
    StopInstance,
    Withdraw,
    plan,
)
from tests.unit.sagemaker.endpoints.conftest import ROLE, SCOPE, World
from tests.unit.sagemaker.endpoints.deployments.test_rollout import START, Simulation, rolling, traffic

ALARMS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]}}
FINE = {"a": "OK", "b": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Observation(FINE), None),
        (Observation({"a": "OK", "b": "ALARM"}), "were in ALARM state: b."),
        (Observation({"a": "ALARM", "b": "ALARM"}), "were in ALARM state: a, b."),
        (Observation(FINE, frozenset({"a"})), "were in ALARM state: a."),  # and is OK again
        (Observation(FINE, frozenset({"c"})), None),  # of another deployment
        (Observation({"a": "OK"}), "do not exist: b."),  # deleted meanwhile
        (Observation({"a": "OK"}, refusal="no right"), "could not be described: no right"),
        (Observation({"a": "ALARM"}, refusal="no right"), "were in ALARM state: a."),
    ],
)
def test_what_alarms_say_of_a_deployment(seen: Observation, reason: str | None) -> None:
    found = rollback_reason(ALARMS, seen)
    assert found is None if reason is None else found is not None and found.endswith(reason)
    assert rollback_reason({}, seen) is None


@pytest.mark.parametrize(
    ("config", "step"),
    [
        ({}, 0),
        (traffic("ALL_AT_ONCE"), 0),
        (traffic("ALL_AT_ONCE"), 1),  # baking
        (traffic("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}), 1),
        (traffic("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}), 2),  # termination wait
        (traffic("LINEAR", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 50}), 1),
        (rolling(1), 1),
    ],
)
def test_an_alarm_rolls_back_at_every_stage_before_the_promotion(config: dict[str, Any], step: int) -> None:
    simulation = Simulation(4, {**config, **ALARMS})
    endpoint = replace(simulation.endpoint, rollout_step=step, rollout_at=START)
    seen = Observation({**FINE, "b": "ALARM"})
    for moment in (START, START + 10_000):
        (action,) = plan(endpoint, simulation.instances, {}, 0.0, moment, seen).actions
        assert isinstance(action, RollBack) and "b" in action.reason
        assert plan(endpoint, simulation.instances, {}, 0.0, moment, Observation(FINE)).actions != (action,)


def test_an_endpoint_that_is_created_has_no_way_back() -> None:
    simulation = Simulation(1, ALARMS)
    created = replace(simulation.endpoint, live=None, status="Creating")
    seen = Observation({**FINE, "b": "ALARM"})
    assert plan(created, [], {}, 0.0, START, seen).actions == (StartInstance(2, "a"),)


def test_a_rolling_update_goes_back_without_fewer_instances_in_service() -> None:
    simulation = Simulation(4, {**rolling(2), **ALARMS})
    while simulation.count(2) < 2 or simulation.count(1) > 2:  # half of it is done: 2 + 2
        for action in plan(simulation.endpoint, simulation.instances, {}, 0.0, simulation.moment).actions:
            simulation._act(action)
    simulation.endpoint = changes.rolled_back(simulation.endpoint, "alarm")
    assert simulation.endpoint.status == "RollingBack"
    seen = []
    for _ in range(20):
        actions = plan(simulation.endpoint, simulation.instances, {}, 0.0, simulation.moment).actions
        for action in actions:
            if isinstance(action, Withdraw):
                simulation.endpoint = changes.withdrawn(simulation.endpoint)
            simulation._act(action)
        simulation._note()
        seen.append((simulation.count(1), simulation.count(2)))
    assert min(old + new for old, new in seen) >= 4
    assert seen[-1] == (4, 0) and simulation.seen[-1][1] == 0.0
    assert simulation.endpoint.leaving is None


def test_what_leaves_is_not_replaced_and_does_not_hold_up_the_way_back() -> None:
    simulation = Simulation(4, {**rolling(2), **ALARMS})
    endpoint = replace(simulation.endpoint, rollout_step=1, rollout_at=START)
    leaving = changes.rolled_back(endpoint, "alarm")
    old = [view for view in simulation.instances if view.generation == 1][:2]
    new = [replace(old[0], instance_id=f"n-{n}", generation=2, order=9 + n) for n in range(2)]
    starting = replace(new[0], instance_id="n-9", phase="starting")
    started = (StartInstance(1, "a"), StartInstance(1, "a"))
    assert plan(leaving, [*old, *new, starting], {}, 0.0).actions == (*started, StopInstance("n-9"))
    assert plan(leaving, [*old, new[0]], {}, 0.0).actions == started
    assert plan(leaving, old, {}, 0.0).actions == (Withdraw(),)
    failures = {(1, "a"): Failures(1, -9.0, "no room")}
    assert plan(leaving, [*old, *new], failures, 0.0).actions == started
    failures = {(1, "a"): Failures(2, -9.0, "no room")}
    assert plan(leaving, [*old, *new], failures, 0.0).actions == (Withdraw(),)


class FakeAlarms:
    """Alarms as CloudWatch shows them to a role."""

    def __init__(self) -> None:
        self.now = dict(FINE)
        self.refused = False
        self.asked: list[str] = []

    def missing(self, scope: Scope, names: Sequence[str]) -> Sequence[str]:
        return [name for name in names if name not in self.now]

    def states(self, principal: Principal, scope: Scope, names: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(principal.arn)
        if self.refused:
            raise AccessDenied("not authorized to perform: cloudwatch:DescribeAlarms")
        return {name: self.now[name] for name in names if name in self.now}


@pytest.fixture
async def alarms(world: World) -> FakeAlarms:
    """Those of a world with an endpoint of two instances, and a minute that takes 0.6 seconds."""
    alarms = FakeAlarms()
    await begin(world, alarms)
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m", "InitialInstanceCount": 2})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    return alarms


async def begin(world: World, alarms: FakeAlarms) -> None:
    await world.loops.stop()
    world.clock = SystemClock(scale=100)
    world.begin(alarms)
    await world.loops.start()


async def update(world: World, **config: Any) -> None:
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    policy = traffic("CANARY", 1000, CanarySize=size)
    await world.call(
        "UpdateEndpoint", EndpointName="e", EndpointConfigName="c", DeploymentConfig={**policy, **ALARMS}
    )


async def baking(world: World, old: set[str]) -> None:
    async with asyncio.timeout(60):
        while {(await world.invoke("e"))["Body"].decode()} <= old:
            pass


async def test_an_alarm_that_goes_off_for_a_moment_takes_the_canary_back(
    world: World, alarms: FakeAlarms
) -> None:
    old = {sandbox.name for sandbox in world.executor.running}
    await update(world)
    await baking(world, old)
    world.loops.alarm_went_off(SCOPE, "c")
    world.loops.alarm_went_off(replace(SCOPE, region="eu-west-1"), "b")
    world.loops.poke(SCOPE, "e")
    asking = [asyncio.create_task(world.invoke("e", b"slow")) for _ in range(8)]
    for _ in range(3):
        await baking(world, old)  # not theirs
    world.loops.alarm_went_off(SCOPE, "b")
    described = await world.until_status("e", "InService")
    assert described["FailureReason"].endswith("were in ALARM state: b.")
    assert {(await world.invoke("e"))["Body"].decode() for _ in range(10)} <= old
    assert all(answer["Body"] for answer in await asyncio.gather(*asking))  # none of them failed
    assert {sandbox.name for sandbox in world.executor.running} == old
    assert set(alarms.asked) == {ROLE}
    # What tripped is of that deployment; the next one begins anew.
    await update(world)
    await baking(world, old)


async def test_a_state_that_came_while_the_platform_was_down_counts(world: World, alarms: FakeAlarms) -> None:
    old = {sandbox.name for sandbox in world.executor.running}
    await update(world)
    await baking(world, old)
    alarms.now["a"] = "ALARM"
    await begin(world, alarms)
    described = await world.until_status("e", "InService")
    assert described["FailureReason"].endswith("were in ALARM state: a.")
    assert len(world.executor.running) == 2


async def test_alarms_that_cannot_be_seen(world: World, alarms: FakeAlarms) -> None:
    del alarms.now["b"]
    with pytest.raises(ValidationException, match=r"Could not find the CloudWatch alarms.*: b"):
        await update(world)
    alarms.now["b"], alarms.refused = "OK", True
    await update(world)
    described = await world.until_status("e", "InService")
    assert "cloudwatch:DescribeAlarms" in described["FailureReason"]
