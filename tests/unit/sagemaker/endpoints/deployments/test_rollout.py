"""Deployment policies: which shares of the traffic, on how many instances, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.clock import SystemClock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.deployments.rollout import Strategy, share_of, strategy_of
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.plan import (
    Advance,
    InstanceView,
    Promote,
    RollBack,
    StartInstance,
    StopInstance,
    plan,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
START = NOW.timestamp()


def deployment(generation: int, count: int) -> Deployment:
    variant = EndpointVariant("a", "m", "ml.m5.large", count, 1.0, "image", "role")
    return Deployment(generation, "c", START, (variant,))


def traffic(kind: str, wait_s: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": wait_s, **more}
        }
    }


def rolling(value: int, kind: str = "INSTANCE_COUNT", wait_s: int = 100) -> dict[str, Any]:
    size = {"Type": kind, "Value": value}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait_s}}


class Simulation:
    """Carries out plans: starts are ready at the next look, stops are immediate."""

    def __init__(self, count: int, config: dict[str, Any]) -> None:
        self.endpoint = Endpoint(
            Scope("1", "r"), "e", "Updating", NOW, NOW, live=deployment(1, count),
            pending=deployment(2, count), last_generation=2, deployment_config=config,
        )  # fmt: skip
        self.instances = [InstanceView(f"i-{n}", 1, "a", "ready", n) for n in range(count)]
        self.moment, self.started = START, 0
        self.seen: list[tuple[int, float, int, int]] = []

    def count(self, generation: int) -> int:
        return sum(view.generation == generation for view in self.instances)

    def run(self) -> list[tuple[int, float, int, int]]:
        """Return (seconds, share, old, new) whenever one of the last three changed, until promotion."""
        for _ in range(200):
            self._note()
            decided = plan(self.endpoint, self.instances, {}, self.moment - START, self.moment)
            for action in decided.actions:
                if isinstance(action, Promote):
                    return self.seen
                self._act(action)
            if not decided.actions:
                assert decided.wake_at is not None, "nothing to do and nothing to wait for"
                self.moment = START + decided.wake_at
        raise AssertionError("no end")

    def _act(self, action: Any) -> None:
        if isinstance(action, Advance):
            self.endpoint = replace(self.endpoint, rollout_step=action.step, rollout_at=self.moment)
        elif isinstance(action, StartInstance):
            self.started += 1
            number = self.started + 100
            self.instances.append(InstanceView(f"i-{number}", action.generation, "a", "ready", number))
        elif isinstance(action, StopInstance):
            self.instances = [v for v in self.instances if v.instance_id != action.instance_id]

    def _note(self) -> None:
        state = (round(share_of(self.endpoint), 3), self.count(1), self.count(2))
        if not self.seen or self.seen[-1][1:] != state:
            self.seen.append((round(self.moment - START), *state))


def test_all_at_once_without_waits_promotes_as_soon_as_all_are_ready() -> None:
    assert Simulation(2, {}).run() == [(0, 0.0, 2, 0), (0, 0.0, 2, 2)]


def test_all_at_once_bakes_and_keeps_the_old_fleet_for_the_termination_wait() -> None:
    config = traffic("ALL_AT_ONCE")
    config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] = 50
    simulation = Simulation(2, config)
    assert simulation.run()[-1] == (0, 1.0, 2, 2)
    assert simulation.moment == START + 150


def test_canary_gives_a_part_and_after_the_wait_the_rest() -> None:
    simulation = Simulation(4, traffic("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}))
    assert simulation.run() == [
        (0, 0.0, 4, 0), (0, 0.0, 4, 4), (0, 0.25, 4, 4), (100, 1.0, 4, 4),
    ]  # fmt: skip
    assert simulation.moment == START + 200


def test_linear_goes_by_equal_steps() -> None:
    config = traffic("LINEAR", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 40})
    assert Simulation(2, config).run()[2:] == [(0, 0.4, 2, 2), (100, 0.8, 2, 2), (200, 1.0, 2, 2)]


def test_rolling_moves_instances_with_the_traffic_and_never_runs_more_than_a_batch_extra() -> None:
    seen = Simulation(4, rolling(2)).run()
    assert [state[1:] for state in seen] == [
        (0.0, 4, 0), (0.0, 4, 2), (0.5, 4, 2), (0.5, 2, 2), (0.5, 2, 4), (1.0, 2, 4), (1.0, 0, 4),
    ]  # fmt: skip
    uneven = Simulation(5, rolling(30, "CAPACITY_PERCENT"))
    states = uneven.run()
    assert max(old + new for _, _, old, new in states) <= 5 + 2
    assert min(old + new for _, _, old, new in states) >= 5
    assert states[-1][1:] == (1.0, 0, 5)


def test_the_time_limit_rolls_back() -> None:
    config = rolling(1)
    config["RollingUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    simulation = Simulation(2, config)
    late = plan(simulation.endpoint, simulation.instances, {}, 0.0, START + 600).actions
    assert isinstance(late[0], RollBack)


def test_what_aws_refuses_is_refused() -> None:
    four = deployment(2, 4)
    for config in (
        {**traffic("ALL_AT_ONCE"), **rolling(1)},
        traffic("CANARY"),
        traffic("CANARY", CanarySize={"Type": "CAPACITY_PERCENT", "Value": 60}),
        traffic("LINEAR", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 5}),
        rolling(3),
        {"BlueGreenUpdatePolicy": {**traffic("ALL_AT_ONCE", 900)["BlueGreenUpdatePolicy"],
                                   "MaximumExecutionTimeoutInSeconds": 600}},
    ):  # fmt: skip
        with pytest.raises(ValidationException):
            strategy_of(config, four)
    with pytest.raises(ValidationException, match="AlarmName"):
        strategy_of({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "x"}, {}]}}, four)
    with pytest.raises(NotImplementedOperation, match="RollbackMaximumBatchSize"):
        size = {"Type": "INSTANCE_COUNT", "Value": 1}
        strategy_of(
            {"RollingUpdatePolicy": {**rolling(1)["RollingUpdatePolicy"], "RollbackMaximumBatchSize": size}},
            four,
        )
    assert strategy_of({}, four) == Strategy()


async def test_a_canary_gets_its_share_of_real_requests(world: Any) -> None:
    world.clock = SystemClock(scale=100)
    await world.loops.stop()
    world.begin()
    await world.loops.start()
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m", "InitialInstanceCount": 2})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    old = {sandbox.name for sandbox in world.executor.running}
    await world.call(
        "UpdateEndpoint",
        EndpointName="e",
        EndpointConfigName="c",
        DeploymentConfig=traffic("CANARY", 100, CanarySize={"Type": "CAPACITY_PERCENT", "Value": 50}),
    )

    async def statuses() -> list[str]:
        described = await world.call("DescribeEndpoint", EndpointName="e")
        pending = described.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
        return [status["Status"] for variant in pending for status in variant["VariantStatus"]]

    while await statuses() != ["Baking"]:
        assert (await world.invoke("e"))["Body"].decode() in old
    answers = {(await world.invoke("e"))["Body"].decode() for _ in range(60)}
    assert answers & old and answers - old
    await world.until_status("e", "InService")
    assert not {(await world.invoke("e"))["Body"].decode() for _ in range(10)} & old
    assert not {sandbox.name for sandbox in world.executor.running} & old


async def test_a_rolling_update_fails_no_request(world: Any) -> None:
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m", "InitialInstanceCount": 4})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    old = {sandbox.name for sandbox in world.executor.running}
    await world.call(
        "UpdateEndpoint", EndpointName="e", EndpointConfigName="c", DeploymentConfig=rolling(1, wait_s=0)
    )
    most = 0
    while (await world.call("DescribeEndpoint", EndpointName="e"))["EndpointStatus"] == "Updating":
        await world.invoke("e")
        most = max(most, len(world.executor.running))
    assert most <= 5
    assert not {sandbox.name for sandbox in world.executor.running} & old


async def test_a_restart_in_the_middle_goes_on_where_it_was(world: Any) -> None:
    await world.add_model("m")
    await world.add_config("c", {"ModelName": "m", "InitialInstanceCount": 2})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    await world.until_status("e", "InService")
    canary = traffic("CANARY", 3600, CanarySize={"Type": "CAPACITY_PERCENT", "Value": 50})
    await world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="c", DeploymentConfig=canary)
    (loop,) = world.loops._loops.values()
    await world.until(lambda: loop.endpoint.rollout_step == 1)
    began = loop.endpoint.rollout_at
    await world.loops.stop()
    world.begin()
    await world.loops.start()
    (loop,) = world.loops._loops.values()
    await world.until(lambda: len(loop.instances) == 4)
    await world.until(lambda: all(i.phase == "ready" for i in loop.instances.values()))
    answers = {(await world.invoke("e"))["Body"].decode() for _ in range(60)}
    generations = {loop.instances[name].record.generation for name in answers}
    assert generations == {1, 2}
    assert (loop.endpoint.rollout_step, loop.endpoint.rollout_at) == (1, began)
